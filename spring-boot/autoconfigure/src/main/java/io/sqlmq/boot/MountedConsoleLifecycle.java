package io.sqlmq.boot;

import io.sqlmq.console.MountedConsole;
import io.sqlmq.console.SqlmqConsole;
import io.sqlmq.jms.SqlmqConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The console that is mounted in the application's server. It begins after that server, and ends before it: the pages that somebody looks at
 * are requests that do not end, for which a graceful shutdown would wait.
 */
final class MountedConsoleLifecycle implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(SqlmqConsole.class);

    private final SqlmqConsole.Builder builder;
    private final String place;
    private final boolean isTokenTold;
    private volatile @Nullable MountedConsole console;

    MountedConsoleLifecycle(SqlmqConnectionFactory factory, ConsoleSettings settings, String contextPath) {
        this.builder = settings.builder(factory);
        this.place = contextPath + settings.path();
        this.isTokenTold = settings.token() == null && settings.roles().isEmpty();
        if (settings.token() == null && !isTokenTold) {
            builder.token(null);
        }
    }

    /** Null while there is none. */
    @Nullable
    MountedConsole console() {
        return console;
    }

    @Override
    public void start() {
        MountedConsole started = builder.mount();
        console = started;
        LOG.info(
                "The console is at {} of this application",
                place + (isTokenTold ? "/login?token=" + started.token() : "/"));
    }

    @Override
    public void stop() {
        MountedConsole ended = console;
        console = null;
        if (ended != null) {
            ended.close();
        }
    }

    @Override
    public boolean isRunning() {
        return console != null;
    }
}
