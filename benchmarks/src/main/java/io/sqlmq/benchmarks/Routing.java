package io.sqlmq.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.camel.SqlmqComponent;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.component.jms.JmsComponent;

/** A route of Camel that receives, stores and sends, against the same with a broker, and against the same by hand. */
final class Routing implements Scenario {

    /** Where the route sends what it received from {@link Bench#QUEUE}. */
    static final String OUT = "benchmark.routed";

    /** What the route stores a message by. */
    static final String INSERT = "INSERT INTO routed (body) VALUES (%s)";

    private static final int MESSAGES = 4_000;
    private static final int CONNECTIONS_BESIDE = 4;

    /** One way to do the work. */
    interface Contender extends Side {

        /** Takes away what there is, and fills the queue. */
        void prepare(int messages, String body) throws Exception;

        /** How many messages have been sent. */
        long sent() throws Exception;

        /** Leaves the queue to the next, after a round. */
        void leave() throws Exception;
    }

    @Override
    public String name() {
        return "camel-route";
    }

    @Override
    public String description() {
        return "Camel's from(in).to(sql:INSERT).to(out) on a backlog of 1 KB messages, each a transaction, by sqlmq:. Against the"
                + " same route by camel-jms with ActiveMQ Artemis (in this JVM, over TCP, its journal waits for the disk), whose"
                + " INSERT commits by itself before the session does, so that either can be lost or doubled; and against the same"
                + " by hand in three round trips: BEGIN and claim, both INSERTs, DELETE and COMMIT.";
    }

    @Override
    public List<Finding> run(Bench bench) throws Exception {
        Tables tables = bench.tables();
        tables.execute("CREATE TABLE routed (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL)");
        try (Broker broker = Broker.start()) {
            List<Finding> findings = new ArrayList<>();
            for (int consumers : new int[] {1, 4}) {
                findings.addAll(compare(bench, broker, consumers));
            }
            return findings;
        } finally {
            tables.execute("DROP TABLE routed");
        }
    }

    private List<Finding> compare(Bench bench, Broker broker, int consumers) throws Exception {
        Tables tables = bench.tables();
        String body = Texts.of(1024);
        int messages = bench.effort().messages(consumers == 1 ? MESSAGES : 2 * MESSAGES, consumers);
        List<Measurement> ours = new ArrayList<>();
        List<Measurement> twoCommits = new ArrayList<>();
        List<Measurement> byHand = new ArrayList<>();
        try (HikariDataSource pool = tables.pool(consumers + CONNECTIONS_BESIDE);
                Contender route = new CamelRoute(sqlmq(tables, pool), pool, new TableQueues(tables), consumers);
                Contender withBroker = new CamelRoute(jms(broker), pool, broker, consumers);
                Contender hands = new HandRoutes(tables, consumers, body)) {
            for (int i = -bench.effort().warmUps(); i < bench.effort().rounds(); i++) {
                Measurement first = round(bench, messages, body, route);
                Measurement second = round(bench, messages, body, withBroker);
                Measurement third = round(bench, messages, body, hands);
                if (i >= 0) {
                    ours.add(first);
                    twoCommits.add(second);
                    byHand.add(third);
                }
            }
        }
        String what = Threads.consumers(consumers);
        return List.of(
                Finding.rate(name(), what + " / Artemis", new Comparison(ours, twoCommits), Target.atLeast(3)),
                Finding.rate(name(), what + " / by hand", new Comparison(ours, byHand), Target.atLeast(0.7)));
    }

    private static SqlmqComponent sqlmq(Tables tables, HikariDataSource pool) {
        SqlmqComponent component = new SqlmqComponent();
        component.setDataSource(pool);
        component.setSchema(tables.schema());
        return component;
    }

    /** Set as Camel recommends it for speed: a session's own transactions, which the sends take part in. */
    private static JmsComponent jms(Broker broker) {
        JmsComponent component = JmsComponent.jmsComponent(broker.connectionFactory());
        component.setTransacted(true);
        component.setLazyCreateTransactionManager(false);
        component.setCacheLevelName("CACHE_CONSUMER");
        return component;
    }

    private static Measurement round(Bench bench, int messages, String body, Contender contender) throws Exception {
        bench.tables().execute("TRUNCATE routed");
        contender.prepare(messages, body);
        Measurement measurement = bench.measure(messages, contender);
        contender.leave();
        long stored = bench.tables().number("SELECT count(*) FROM routed");
        if (contender.sent() != messages || stored != messages) {
            throw new IllegalStateException(
                    "Of " + messages + " messages " + stored + " are stored and " + contender.sent() + " are sent");
        }
        return measurement;
    }
}
