package io.sqlmq.cli;

import io.sqlmq.console.SqlmqConsole;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "console",
        description = {
            "Starts the web console, which looks into the queues and operates them, until Ctrl-C, and prints where to open it.",
            "",
            "One logs in there as any role of the database with its password, or, with the address that is printed, as the role of this "
                    + "command."
        })
final class Console extends Verb {
    @Option(names = "--port", paramLabel = "<port>", description = "where to listen; 0: anywhere; default: 8161")
    private int port = SqlmqConsole.DEFAULT_PORT;

    @Option(
            names = "--host",
            paramLabel = "<address>",
            description = "the address to listen on; default: 127.0.0.1, which only this machine reaches. "
                    + "There is no encryption: put a proxy with TLS before any other")
    private String host = "127.0.0.1";

    @Option(names = "--read-only", description = "only look, whatever a role may do")
    private boolean readOnly;

    @Option(names = "--no-token", description = "let nobody in without a password of the database")
    private boolean noToken;

    @Option(
            names = "--idle-timeout",
            paramLabel = "<time>",
            description = "after which time without a page one has to log in again; default: 30m")
    private Duration idleTimeout = Duration.ofMinutes(30);

    @Option(names = "--for", paramLabel = "<time>", description = "end after this time")
    private @Nullable Duration time;

    @Override
    int run() throws Exception {
        SqlmqConsole.Builder builder = SqlmqConsole.builder(factory())
                .host(host)
                .port(port)
                .readOnly(readOnly)
                .idleTimeout(idleTimeout);
        if (noToken) {
            builder.token(null);
        }
        try (SqlmqConsole console = builder.start()) {
            Table facts = new Table("url");
            facts.add(console.loginUrl());
            report("The console is at " + console.loginUrl(), facts);
            if (time != null) {
                Thread.sleep(time.toMillis());
            } else {
                new CountDownLatch(1).await();
            }
        } catch (java.io.UncheckedIOException e) {
            throw Problem.failed(String.valueOf(e.getMessage()), e);
        }
        return DONE;
    }
}
