package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** From before send() in one JVM until the listener is called in another. */
final class IdleLatency implements Scenario {

    private static final int PER_SECOND = 100;
    private static final int SECONDS = 60;
    private static final int PHASES = 5;

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String description() {
        return "End to end on an idle queue at 100 messages a second, from before send() until onMessage() in another JVM;"
                + " against one INSERT with its commit at the same pace, in turns. Values in milliseconds above the median"
                + " of that commit.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        bench.tables().empty();
        int phases = Math.min(PHASES, bench.effort().rounds());
        int perPhase = (int) Math.max(10, bench.effort().millis(SECONDS) * PER_SECOND / 1000 / phases);
        List<Long> latencies = new ArrayList<>();
        List<Long> commits = new ArrayList<>();
        Process consumer = start(bench.tables());
        try (SqlmqConnectionFactory factory = bench.tables().factory("");
                Connection connection = factory.createConnection();
                Worker commit = new HandSender(bench.tables(), "latency.commits", "one commit", 1);
                BufferedReader output =
                        new BufferedReader(new InputStreamReader(consumer.getInputStream(), StandardCharsets.UTF_8))) {
            await(output, LatencyConsumer.READY);
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue(Bench.QUEUE));
            for (int phase = -1; phase < phases; phase++) {
                // The phase before the first warms both JVMs up.
                commits(commit, perPhase, phase < 0 ? new ArrayList<>() : commits);
                latencies(session, producer, output, perPhase, phase < 0 ? new ArrayList<>() : latencies);
            }
        } finally {
            consumer.destroy();
            if (!consumer.waitFor(10, TimeUnit.SECONDS)) {
                consumer.destroyForcibly();
            }
        }
        bench.requireCount(0);
        double commit = millis(commits, 0.5);
        return List.of(
                finding("p50 above one commit, ms", latencies, 0.5, commit, Target.atMost(3)),
                finding("p99 above one commit, ms", latencies, 0.99, commit, Target.atMost(10)),
                new Finding(
                        name(),
                        "p99 of a commit, ms",
                        "",
                        Finding.number("%.2f ms", millis(commits, 0.99)),
                        millis(commits, 0.99),
                        null,
                        ""));
    }

    private Finding finding(String what, List<Long> latencies, double quantile, double commit, Target target) {
        double latency = millis(latencies, quantile);
        return new Finding(
                name(),
                what,
                Finding.number("%.2f ms", latency),
                Finding.number("%.2f ms", commit),
                latency - commit,
                target,
                "");
    }

    private static double millis(List<Long> micros, double quantile) {
        return Quantile.of(micros.stream().mapToDouble(m -> m / 1000.0).toArray(), quantile);
    }

    private static Process start(Tables tables) throws IOException {
        String java = ProcessHandle.current().info().command().orElse("java");
        return new ProcessBuilder(
                        java,
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LatencyConsumer.class.getName(),
                        tables.url(""),
                        Bench.QUEUE)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void await(BufferedReader output, String expected) throws IOException {
        String line = output.readLine();
        if (!expected.equals(line)) {
            throw new IllegalStateException("The consuming JVM said " + line + " instead of " + expected);
        }
    }

    private static void commits(Worker commit, int count, List<Long> into) throws Exception {
        Pace pace = new Pace();
        for (int i = 0; i < count; i++) {
            pace.next();
            long start = System.nanoTime();
            commit.move(1);
            into.add((System.nanoTime() - start) / 1000);
        }
    }

    private static void latencies(
            Session session, MessageProducer producer, BufferedReader output, int count, List<Long> into)
            throws JMSException, IOException {
        Pace pace = new Pace();
        for (int i = 0; i < count; i++) {
            pace.next();
            producer.send(session.createTextMessage(Long.toString(LatencyConsumer.micros())));
        }
        for (int i = 0; i < count; i++) {
            into.add(Long.parseLong(output.readLine()));
        }
    }

    /** A hundred times a second; a late step does not make the next ones early. */
    private static final class Pace {
        private long due = System.nanoTime();

        void next() {
            due = Math.max(due + 1_000_000_000 / PER_SECOND, System.nanoTime());
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
        }
    }
}
