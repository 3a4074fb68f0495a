package io.sqlmq.console;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A console without a server of its own: whoever mounts it below a path hands it the requests for that path. It is made by
 * {@link SqlmqConsole.Builder#mount} and must be closed before the factory is. Thread-safe.
 */
public final class MountedConsole implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MountedConsole.class);

    /** Until the code that writes pages is compiled. */
    private static final int TIMES = 20;

    private final Console console;
    private final Sessions sessions;
    private final ScheduledExecutorService timer;
    private final @Nullable String token;

    MountedConsole(SqlmqConnectionFactory factory, @Nullable String token, Duration idleTimeout, boolean readOnly) {
        this.token = token;
        this.timer = Executors.newScheduledThreadPool(2, task -> {
            Thread thread = new Thread(task, "sqlmq-console-watch");
            thread.setDaemon(true);
            return thread;
        });
        this.sessions = new Sessions(factory, token, idleTimeout, timer);
        this.console = new Console(sessions, readOnly);
        Future<?> unused = timer.scheduleWithFixedDelay(sessions::endIdle, 1, 1, TimeUnit.MINUTES);
        timer.execute(this::makeReady);
    }

    /**
     * Looks at the first page, for nobody: who is the first to come would else wait until all that it needs is loaded and has run some times. It
     * is a thread of the console's that does so, and whether it can is for the first one to find out.
     */
    private void makeReady() {
        try {
            Session session = sessions.beginAsFactory();
            try {
                Map<String, String> headers = Map.of("cookie", Console.COOKIE + "=" + session.id());
                Request first = new Request("GET", "", "/", headers, Map.of(), "here", Request.Caller.UNKNOWN);
                int answered = 0;
                while (answered < TIMES && console.answer(first).status() == 200) {
                    answered++;
                }
            } finally {
                sessions.end(session);
            }
        } catch (RuntimeException e) {
            LOG.debug("The console could not look at its first page", e);
        }
    }

    /** Answers; what goes wrong is an answer, too. */
    public Response answer(Request request) {
        return console.answer(request);
    }

    /** What lets one in as the role of the factory; null if nothing does. */
    public @Nullable String token() {
        return token;
    }

    /** What can be looked at; for tests. */
    Set<String> paths() {
        return console.paths();
    }

    long reads(String role) {
        return sessions.reads(role);
    }

    /** Logs everybody out, which ends all streams, and lets nobody in any more. */
    @Override
    public void close() {
        sessions.close();
        timer.shutdownNow();
    }
}
