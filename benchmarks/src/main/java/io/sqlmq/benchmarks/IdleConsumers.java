package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What waiting costs. */
final class IdleConsumers implements Scenario {

    private static final int CONSUMERS = 500;
    private static final int SECONDS = 60;

    /**
     * Until the pools have closed what they opened for the first look, as they do after 10 s at the next turn of their
     * housekeeper (30 s), and until every process has reported its transactions.
     */
    private static final int SETTLE_SECONDS = 45;

    /** Idle processes report their transactions after 10 s. */
    private static final int REPORT_SECONDS = 12;

    private static final String APPLICATION = "idle-consumers";

    @Override
    public String name() {
        return "idle-consumers";
    }

    @Override
    public String description() {
        return "500 listeners on 500 empty queues. Connections as pg_stat_activity shows them. Statements are counted as"
                + " transactions in pg_stat_database: a round trip outside of an explicit transaction is one, whatever it"
                + " asks for; the reader's own and those of an idle database are subtracted.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        Tables tables = bench.tables();
        tables.empty();
        long window = bench.effort().settling(SECONDS);
        bench.say("Idle database …");
        Thread.sleep(bench.effort().settling(REPORT_SECONDS));
        double background = transactions(tables, window / 2);
        CountDownLatch first = new CountDownLatch(1);
        try (SqlmqConnectionFactory factory = tables.factory("sqlmq.applicationName=" + APPLICATION)) {
            Connection connection = factory.createConnection();
            for (int i = 0; i < CONSUMERS; i++) {
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                session.createConsumer(session.createQueue("idle." + i))
                        .setMessageListener(message -> arrived(message, first));
            }
            connection.start();
            bench.say("500 idle consumers …");
            Thread.sleep(bench.effort().settling(SETTLE_SECONDS));
            double statements = transactions(tables, window) - background;
            long connections = tables.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = '"
                    + APPLICATION + "' AND datname = current_database()");
            tables.fill("idle." + (CONSUMERS - 1), 1, "still there?");
            if (!first.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The consumers were not idle but dead");
            }
            return List.of(
                    new Finding(
                            name(), "connections", Long.toString(connections), "", connections, Target.atMost(3), ""),
                    new Finding(
                            name(),
                            "statements per second",
                            Finding.number("%.2f", statements),
                            Finding.number("idle: %.2f", background),
                            statements,
                            Target.atMost(2),
                            ""));
        }
    }

    private static void arrived(Message message, CountDownLatch first) {
        if (message instanceof TextMessage) {
            first.countDown();
        }
    }

    private static double transactions(Tables tables, long millis) throws Exception {
        String counter = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()";
        long start = System.nanoTime();
        long before = tables.number(counter);
        Thread.sleep(millis);
        long count = tables.number(counter) - before - 1;
        return count * 1e9 / (System.nanoTime() - start);
    }
}
