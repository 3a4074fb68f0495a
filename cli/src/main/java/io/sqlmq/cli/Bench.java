package io.sqlmq.cli;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Queue;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "bench",
        description = {
            "Measures this database from here, in half a minute: round trips, what commits wait for, sends, receives, the way to a consumer "
                    + "that waits; and says what that means.",
            "It uses a queue of its own, and empties it at the end, also after Ctrl-C. Its messages are durable rows of your tables: others "
                    + "may be slower meanwhile, and autovacuum has something to do afterwards.",
            "Times are those of a call, of a transaction where it has a hundred messages. What comes in the first fifth of each "
                    + "measurement does not count."
        })
final class Bench extends Verb {
    private static final int MEASUREMENTS = 8;
    private static final int HUNDRED = 100;
    private static final int MOST_CLIENTS = 1_000;
    private static final long ARRIVAL_MILLIS = 10_000;

    @Option(names = "--duration", paramLabel = "<time>", description = "how long it measures, in all; default: 30s")
    private Duration duration = Duration.ofSeconds(30);

    @Option(
            names = "--size",
            paramLabel = "<characters>",
            description = "the length of the messages' text; default: 500")
    private int size = 500;

    @Option(names = "--clients", paramLabel = "<n>", description = "how many send at the same time; default: 8")
    private int clients = 8;

    private final String name = "sqlmq-bench." + UUID.randomUUID();
    private String text = "";

    /** What is measured, again and again: returns how many nanoseconds it took. */
    @FunctionalInterface
    private interface Call {
        long nanos() throws Exception;
    }

    /** What there is to do at the end, also after a failure, which is then what is told. */
    @FunctionalInterface
    private interface Cleaning extends AutoCloseable {
        @Override
        void close() throws Exception;
    }

    /** What is measured as a whole. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    @Override
    int run() throws Exception {
        if (duration.compareTo(Duration.ofSeconds(1)) < 0 || size < 0 || clients < 1 || clients > MOST_CLIENTS) {
            throw Problem.wrongArguments("--duration is 1s or more, --size 0 or more, --clients 1 to " + MOST_CLIENTS);
        }
        text = "x".repeat(size);
        options().setMaxDepth(0); // what the URL says of it would make sends wait
        if (sqlmq().isTerminal()) {
            err().println("measuring for " + Table.words(duration) + " …");
            err().flush();
        }
        endedInOrder();
        BenchReport report = measure();
        print(report.table(sqlmq().isJson()));
        if (!sqlmq().isJson()) {
            out().println();
            report.judgements().forEach(out()::println);
        }
        return DONE;
    }

    private boolean isStopped() {
        return ending().isAsked();
    }

    private BenchReport measure() throws Exception {
        BenchReport report;
        try (Connection connection = database()) {
            ending().spares(connection);
            report = new BenchReport(connection);
            database(connection, report);
        }
        try (Cleaning cleaning = this::clean;
                JMSContext context = factory().createContext()) {
            Queue queue = context.createQueue(name);
            arrivals(context, queue, report);
            sends(context, queue, report);
            receives(context, queue, report);
        }
        return report;
    }

    private void clean() throws Exception {
        factory().admin().purge(name);
        factory().close(); // which writes what it has counted
        try (Connection connection = database();
                PreparedStatement counts =
                        connection.prepareStatement("DELETE FROM mq_traffic WHERE channel_name = ?")) {
            counts.setString(1, name);
            counts.execute();
        }
    }

    private void database(Connection connection, BenchReport report) throws Exception {
        try (PreparedStatement nothing = connection.prepareStatement("SELECT 1");
                PreparedStatement write = connection.prepareStatement(
                        // In no table, but the commit has to wait for it.
                        "SELECT pg_catalog.pg_logical_emit_message(true, 'sqlmq-bench', '')")) {
            report.add("round trip", times(1, List.of(timed(nothing::execute))));
            connection.setAutoCommit(false);
            report.add("commit", times(1, List.of(() -> {
                write.execute();
                return timed(connection::commit).nanos();
            })));
        }
    }

    private void arrivals(JMSContext context, Queue queue, BenchReport report) throws Exception {
        BlockingQueue<Long> arrived = new ArrayBlockingQueue<>(1);
        try (JMSContext receiving = context.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            receiving.createConsumer(queue).setMessageListener(message -> arrived.add(System.nanoTime()));
            JMSProducer producer = context.createProducer();
            report.add("send to receive", times(1, List.of(() -> {
                long began = System.nanoTime();
                producer.send(queue, text);
                Long at = arrived.poll(ARRIVAL_MILLIS, TimeUnit.MILLISECONDS);
                if (at == null) {
                    throw Problem.failed("a message did not arrive within 10 s: `sqlmq doctor` may say why");
                }
                return at - began;
            })));
        }
    }

    private void sends(JMSContext context, Queue queue, BenchReport report) throws Exception {
        List<JMSContext> contexts = new ArrayList<>();
        try (JMSContext transacted = context.createContext(JMSContext.SESSION_TRANSACTED)) {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                JMSContext own = context.createContext(JMSContext.AUTO_ACKNOWLEDGE);
                contexts.add(own);
                JMSProducer producer = own.createProducer();
                calls.add(timed(() -> producer.send(queue, text)));
            }
            report.add("send", times(1, calls.subList(0, 1)));
            report.add("send, " + clients + " clients", times(1, calls));
            JMSProducer producer = transacted.createProducer();
            report.add("send, in hundreds", times(HUNDRED, List.of(timed(() -> {
                for (int i = 0; i < HUNDRED; i++) {
                    producer.send(queue, text);
                }
                transacted.commit();
            }))));
        } finally {
            contexts.forEach(JMSContext::close);
        }
    }

    /** Half of what was sent one by one, the rest in hundreds. */
    private void receives(JMSContext context, Queue queue, BenchReport report) throws Exception {
        long there = factory().admin().count(name);
        long single = (there - HUNDRED) / 2;
        try (JMSContext receiving = context.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            JMSConsumer consumer = receiving.createConsumer(queue);
            report.add("receive", times(1, single, List.of(timed(() -> receive(consumer)))));
        }
        try (JMSContext receiving = context.createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer consumer = receiving.createConsumer(queue);
            report.add("receive, in hundreds", times(HUNDRED, (there - single) / HUNDRED, List.of(timed(() -> {
                for (int i = 0; i < HUNDRED; i++) {
                    receive(consumer);
                }
                receiving.commit();
            }))));
        }
    }

    private static void receive(JMSConsumer consumer) {
        if (consumer.receive(ARRIVAL_MILLIS) == null) {
            throw Problem.failed("a message that was sent did not arrive within 10 s: `sqlmq doctor` may say why");
        }
    }

    private static Call timed(Work work) {
        return () -> {
            long began = System.nanoTime();
            work.run();
            return System.nanoTime() - began;
        };
    }

    private BenchReport.Times times(int messages, List<Call> clients) throws Exception {
        return times(messages, Long.MAX_VALUE, clients);
    }

    /**
     * Calls again and again until the measurement's time is over.
     *
     * @param messages in each call
     * @param most calls of each client
     */
    private BenchReport.Times times(int messages, long most, List<Call> clients) throws Exception {
        long share = duration.toNanos() / MEASUREMENTS;
        long begin = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        try {
            List<Future<List<BenchReport.Time>>> running = new ArrayList<>();
            for (Call client : clients) {
                running.add(threads.submit(() -> {
                    List<BenchReport.Time> times = new ArrayList<>();
                    long now = 0;
                    while (times.size() < most && (times.size() < 2 || now < share) && !isStopped()) {
                        long took = client.nanos();
                        times.add(new BenchReport.Time(now, took));
                        now = System.nanoTime() - begin;
                    }
                    return times;
                }));
            }
            List<BenchReport.Time> all = new ArrayList<>();
            for (Future<List<BenchReport.Time>> times : running) {
                all.addAll(times.get());
            }
            if (isStopped()) {
                throw Problem.failed("stopped: nothing of the measurement is left");
            }
            return new BenchReport.Times(messages, all, share / 5);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            threads.shutdownNow();
        }
    }
}
