package io.sqlmq.quickstart;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The story. Two consumer processes wait for orders. A rush of orders comes, many at once; in the middle of it one of
 * the processes is killed, and another started. Then the rest of the orders come, calmly. The run is over when each order
 * has a result or is a dead letter.
 */
final class QuickstartRun implements AutoCloseable {

    /**
     * How to run.
     *
     * @param listeners in each consumer process
     * @param workMillis how long each order takes beside its SQL
     * @param rate orders per second in the calm phase
     * @param patience how long nothing may happen before the run is given up
     */
    record Settings(int listeners, int workMillis, int rate, Duration patience) {}

    static final String RUSH = "rush";
    static final String CALM = "calm";

    private static final int ORDERS_PER_TRANSACTION = 50;
    private static final int MOST_CALM_ORDERS = 500;
    private static final int MOST_KILLS = 5;
    private static final long LOOK_EVERY_MILLIS = 5;

    private final Database database;
    private final Settings settings;
    private final ProgressBar bar;
    private final List<ConsumerProcess> consumers = new ArrayList<>();
    private int started;

    QuickstartRun(Database database, Settings settings, ProgressBar bar) {
        this.database = database;
        this.settings = settings;
        this.bar = bar;
    }

    /** Processes all lines; returns how the killed process died. */
    Kill process(List<String> lines)
            throws IOException, SQLException, JMSException, InterruptedException, Watch.StalledException {
        int calm = Math.min(lines.size() / 4, MOST_CALM_ORDERS);
        List<String> rush = lines.subList(0, lines.size() - calm);
        List<String> rest = lines.subList(rush.size(), lines.size());
        try (SqlmqConnectionFactory factory = database.connectionFactory()) {
            database.create(factory);
            startConsumer();
            startConsumer();
            for (ConsumerProcess consumer : consumers) {
                consumer.awaitReady();
            }
            bar.say("Two consumer processes with " + settings.listeners() + " listeners each are waiting for orders.");
            try (OrderProducer producer = new OrderProducer(factory);
                    Watch watch = new Watch(database, bar, settings.patience())) {
                bar.say("Placing " + rush.size() + " orders at once.");
                producer.placeAtOnce(RUSH, rush, ORDERS_PER_TRANSACTION);
                watch.until(counts -> counts.done() >= rush.size() / 5);
                Kill kill = killOneAtWork();
                watch.until(counts -> counts.tried() >= rush.size());
                bar.say("Placing " + rest.size() + " more, " + settings.rate() + " a second.");
                producer.placeSteadily(CALM, rest, settings.rate());
                watch.until(counts -> counts.finished() >= lines.size());
                return kill;
            }
        }
    }

    /** Kills a consumer while it works on orders, and starts another in its place. */
    private Kill killOneAtWork() throws SQLException, IOException, InterruptedException, Watch.StalledException {
        try (Connection sql = database.connect()) {
            for (int i = 0; i < MOST_KILLS; i++) {
                ConsumerProcess victim = consumers.get(consumers.size() - 1);
                awaitWork(victim, sql);
                Kill kill = Kill.of(victim, sql);
                consumers.remove(victim);
                bar.say("Killed " + victim.name() + " (SIGKILL) while it was working on orders. Starting another.");
                startConsumer().awaitReady();
                if (Kill.held(victim.name(), sql) > 0) {
                    return kill;
                }
                bar.say(victim.name() + " had just finished what it worked on. Once more.");
            }
        }
        throw new Watch.StalledException("No consumer could be killed at work; take more orders", null);
    }

    private void awaitWork(ConsumerProcess victim, Connection sql)
            throws SQLException, InterruptedException, Watch.StalledException {
        long end = System.nanoTime() + settings.patience().toNanos();
        long enough = Math.min(2, settings.listeners());
        while (Kill.held(victim.name(), sql) < enough) {
            if (System.nanoTime() > end) {
                throw new Watch.StalledException(victim.name() + " gets no orders to work on", null);
            }
            Thread.sleep(LOOK_EVERY_MILLIS);
        }
    }

    private ConsumerProcess startConsumer() throws IOException {
        started++;
        ConsumerProcess consumer =
                ConsumerProcess.start("consumer-" + started, database, settings.listeners(), settings.workMillis());
        consumers.add(consumer);
        return consumer;
    }

    /** Ends the consumer processes. */
    @Override
    public void close() throws IOException, InterruptedException {
        for (ConsumerProcess consumer : consumers) {
            consumer.close();
        }
    }
}
