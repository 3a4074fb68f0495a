package io.sqlmq.cli;

import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine;

/** Runs verbs on a real database and has what they wrote and their exit code. */
@SqlmqTest(purge = Purge.Time.EACH_TEST)
abstract class CliTestCase {
    static final String ANY_ID = "ID:[0-9a-f-]{36}";

    @JdbcUrl
    static String url;

    final Map<String, String> environment = new HashMap<>();
    Clock clock = Clock.systemUTC();
    boolean terminal;

    /**
     * What a verb did.
     *
     * @param out standard output
     * @param err standard error
     */
    record Result(int code, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    final Result run(String... args) {
        return runWith("", args);
    }

    final Result runWith(String input, String... args) {
        environment.putIfAbsent("SQLMQ_URL", url);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Sqlmq.commandLine(
                environment,
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                terminal,
                terminal,
                clock);
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int code = line.execute(args);
        return new Result(code, out.toString(), err.toString());
    }

    /** While somebody reads the first line and goes. */
    final int runForHead(String... args) {
        environment.putIfAbsent("SQLMQ_URL", url);
        CommandLine line = Sqlmq.commandLine(environment, InputStream.nullInputStream(), terminal, terminal, clock);
        line.setOut(new PrintWriter(new Writer() {
            private boolean isGone;

            @Override
            public void write(char[] text, int from, int length) throws IOException {
                if (isGone) {
                    throw new IOException("Broken pipe");
                }
                isGone = new String(text, from, length).indexOf('\n') >= 0;
            }

            @Override
            public void flush() {
                // Nothing is kept.
            }

            @Override
            public void close() {
                // Nor open.
            }
        }));
        return line.execute(args);
    }

    /** Of which nothing went wrong. */
    final Result ok(String... args) {
        Result result = run(args);
        if (result.code() != 0) {
            throw new AssertionError(
                    "exit code " + result.code() + " of " + Arrays.asList(args) + ": " + result.err() + result.out());
        }
        return result;
    }

    final void sql(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    final void jms(Consumer<JMSContext> work) {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url);
                JMSContext context = factory.createContext()) {
            work.accept(context);
        }
    }

    /** A database of its own, empty; the URL of it. */
    static String newDatabase(String name) throws SQLException {
        return newDatabase(name, "template1");
    }

    /** A copy of another, which nobody is connected to. */
    static String newDatabase(String name, String template) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + template);
        }
        return url.replaceFirst("(//[^/]+/)[^?]+", "$1" + name);
    }
}
