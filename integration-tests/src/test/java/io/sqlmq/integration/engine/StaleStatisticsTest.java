package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.TestXid;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables of queues are empty most of the time, and so are the statistics that vacuum makes of them. When there is a backlog then, no
 * statement may read more of it than it needs.
 */
class StaleStatisticsTest extends IntegrationTest {

    private static final int BACKLOG = 6_000;
    private static final int RECEIVED = 40;
    private static final int AT_ONCE = 10;

    enum Place {
        READY("mq_msgs", "", ""),
        DUE("mq_msgs", ", attempt_at", ", now() - interval '1 minute' + n * interval '1 ms'"),
        GROUPED("mq_msgs", ", grp, slot", ", 'g' || n % 1000, mq_slot('g' || n % 1000)"),
        UNLOGGED("mq_msgs_unlogged", "", "");

        private final String table;
        private final String columns;
        private final String values;

        Place(String table, String columns, String values) {
            this.table = table;
            this.columns = columns;
            this.values = values;
        }
    }

    enum Use {
        AUTO {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                test.receive(from, Session.AUTO_ACKNOWLEDGE, null);
            }
        },
        CLIENT {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                test.receive(from, Session.CLIENT_ACKNOWLEDGE, null);
            }
        },
        INDIVIDUAL {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                test.receive(from, 4, null);
            }
        },
        TRANSACTED {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                test.receive(from, Session.SESSION_TRANSACTED, null);
            }
        },
        SELECTED {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                test.receive(from, Session.SESSION_TRANSACTED, "kind IS NULL");
            }
        },
        ROLLED_BACK {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                Session session = test.session(from, Session.SESSION_TRANSACTED);
                MessageConsumer consumer = consumer(session, test.queue);
                for (int i = 0; i < RECEIVED; i++) {
                    receive(consumer);
                    if (i % AT_ONCE == AT_ONCE - 1) {
                        session.rollback();
                    }
                }
            }
        },
        DEAD_LETTERED {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                try (SqlmqConnectionFactory strict = test.factory("maximumRedeliveries=0")) {
                    ROLLED_BACK.run(test, strict);
                }
            }
        },
        LISTENER {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                CountDownLatch received = new CountDownLatch(RECEIVED);
                consumer(test.session(from, Session.AUTO_ACKNOWLEDGE), test.queue)
                        .setMessageListener(message -> received.countDown());
                assertThat(received.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
            }
        },
        JOINED {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                try (java.sql.Connection database = DriverManager.getConnection(test.url)) {
                    database.setAutoCommit(false);
                    MessageConsumer consumer = consumer(test.session(from, Session.AUTO_ACKNOWLEDGE), test.queue);
                    for (int i = 0; i < RECEIVED; i++) {
                        try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                            assertThat(joined).isNotNull();
                            receive(consumer);
                        }
                        if (i % AT_ONCE == AT_ONCE - 1) {
                            database.commit();
                        }
                    }
                }
            }
        },
        BRANCH {
            @Override
            void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception {
                XAConnection connection = test.closeAfterwards(from.createXAConnection());
                connection.start();
                XASession session = connection.createXASession();
                MessageConsumer consumer = consumer(session, test.queue);
                XAResource resource = session.getXAResource();
                for (int i = 0; i < RECEIVED / AT_ONCE; i++) {
                    TestXid xid = TestXid.next();
                    resource.start(xid, XAResource.TMNOFLAGS);
                    for (int n = 0; n < AT_ONCE; n++) {
                        receive(consumer);
                    }
                    resource.end(xid, XAResource.TMSUCCESS);
                    resource.commit(xid, true);
                }
            }
        };

        abstract void run(StaleStatisticsTest test, SqlmqConnectionFactory from) throws Exception;
    }

    static Stream<Arguments> all() {
        return Stream.of(Place.values()).flatMap(p -> Stream.of(Use.values()).map(u -> Arguments.of(p, u)));
    }

    /** A row at the end of the tables keeps them as large as they have been: by the first test, or by the one before. */
    @BeforeEach
    void analyzeEmptyTables() {
        for (String table : new String[] {"mq_msgs", "mq_msgs_unlogged"}) {
            if (value("SELECT EXISTS (SELECT FROM " + table + " WHERE channel_name = 'other')")
                    .equals("f")) {
                sql(
                        "ALTER TABLE " + table + " SET (autovacuum_enabled = false)",
                        "INSERT INTO " + table + " (id, channel_name, payload_text)"
                                + " SELECT gen_random_uuid(), 'gone', 'x' FROM generate_series(1, " + BACKLOG + ")",
                        "INSERT INTO " + table + " (id, channel_name) VALUES (gen_random_uuid(), 'other')");
            }
            sql("DELETE FROM " + table + " WHERE channel_name <> 'other'", "VACUUM ANALYZE " + table);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void readNoMoreThanIsReceived(Place place, Use use) throws Exception {
        sql("INSERT INTO " + place.table + " (id, channel_name, payload_text" + place.columns
                + ") SELECT gen_random_uuid(), '" + queue + "', 'x'" + place.values + " FROM generate_series(1, "
                + BACKLOG
                + ") n");
        long before = read();
        try (SqlmqConnectionFactory from = factory()) {
            use.run(this, from);
        }
        assertThat(read() - before).as("read").isLessThan(2 * BACKLOG);
    }

    /** Plans that a session keeps were made for tables of one page, where reading all of it costs least. */
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void plansMadeForSmallTablesReadNoMoreThanIsReceived(int mode) throws Exception {
        sql("TRUNCATE mq_msgs", "VACUUM ANALYZE mq_msgs");
        long before = read();
        try (SqlmqConnectionFactory from = factory()) {
            Session session = session(from, mode);
            MessageConsumer consumer = consumer(session, queue);
            for (int i = 0; i < RECEIVED; i++) {
                send(from, queue, "few");
                settle(session, receive(consumer));
            }
            sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                    + "', 'x' FROM generate_series(1, " + BACKLOG + ")");
            for (int i = 0; i < RECEIVED; i++) {
                settle(session, receive(consumer));
            }
        }
        assertThat(read() - before).as("read").isLessThan(2 * BACKLOG);
    }

    private static void settle(Session session, Message received) throws Exception {
        if (session.getTransacted()) {
            session.commit();
        } else {
            received.acknowledge();
        }
    }

    private void receive(SqlmqConnectionFactory from, int mode, String selector) throws Exception {
        Session session = session(from, mode);
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selector);
        for (int i = 1; i <= RECEIVED; i++) {
            Message message = receive(consumer);
            if (i % AT_ONCE == 0) {
                if (mode == Session.SESSION_TRANSACTED) {
                    session.commit();
                } else {
                    message.acknowledge();
                }
            }
        }
    }

    /** Rows and entries of indexes that all have read who have come and gone; that is known when they are gone, before 15 a bit later. */
    private long read() throws InterruptedException {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND backend_type = 'client backend' AND pid <> pg_backend_pid()")
                        == 0);
        if (number("SELECT current_setting('server_version_num')::int") < 150_000) {
            Thread.sleep(1_500);
        }
        return number("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes")
                + number("SELECT sum(seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname LIKE 'mq_msgs%'");
    }
}
