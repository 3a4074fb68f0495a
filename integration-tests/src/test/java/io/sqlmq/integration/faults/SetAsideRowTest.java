package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.TestXid;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A row that is set aside stays as it was, whoever found that and in whose transaction; nobody overtakes its neighbours. */
class SetAsideRowTest extends IntegrationTest {

    enum Receipt {
        OWN,
        TRANSACTED,
        LEASED,
        JOINED,
        JOINED_SELECTED,
        BRANCH
    }

    enum Place {
        QUEUE,
        UNLOGGED,
        GROUP,
        SUBSCRIPTION
    }

    enum Fault {
        UNREADABLE,
        TOO_LARGE
    }

    private static final String SELECTOR = "kind IS NULL";

    private final UUID id = UUID.fromString("5e7a51de-0000-4000-8000-000000000001");
    private final UUID body = UUID.fromString("5e7a51de-0000-4000-8000-000000000000");

    static Stream<Arguments> all() {
        return Stream.of(Receipt.values())
                .flatMap(r -> Stream.of(Place.values())
                        .flatMap(p -> Stream.of(Fault.values()).map(f -> Arguments.of(r, p, f))));
    }

    @ParameterizedTest
    @MethodSource("all")
    void keepsAllOfItsColumns(Receipt receipt, Place place, Fault fault) throws Exception {
        sql("DELETE FROM mq_msgs", "DELETE FROM mq_msgs_unlogged", "DELETE FROM mq_payloads");
        SqlmqConnectionFactory patient = factory("maximumRedeliveries=-1", "maxMessageSize=10000");
        String name = "subscription-" + queue;
        String channel = queue;
        if (place == Place.SUBSCRIPTION) {
            try (Session session = session(patient, Session.AUTO_ACKNOWLEDGE)) {
                session.createSharedDurableConsumer(session.createTopic(queue), name)
                        .close();
            }
            channel = value("SELECT channel FROM mq_subscriptions WHERE topic = '" + queue + "'");
        }
        String table = place == Place.UNLOGGED ? "mq_msgs_unlogged" : "mq_msgs";
        insert(table, channel, place, fault);
        String before = row(table);
        assertThat(before).contains("\"last_error\"", "\"after_id\"", "\"expires_at\"");
        for (String text : List.of("one", "two")) {
            sql("INSERT INTO " + table + " (id, channel_name, payload_text"
                    + (place == Place.GROUP ? ", grp, slot" : "")
                    + ") VALUES (gen_random_uuid(), '" + channel + "', '" + text + "'"
                    + (place == Place.GROUP ? ", 'g', mq_slot('g')" : "") + ")");
        }

        assertThat(receiveTwo(patient, receipt, place == Place.SUBSCRIPTION ? name : null))
                .containsExactly("one", "two");

        await().untilAsserted(() -> assertThat(value("SELECT reason FROM mq_set_aside"))
                .contains(fault == Fault.UNREADABLE ? "hologram" : "maxMessageSize"));
        assertThat(row(table)).isEqualTo(before);
        if (place == Place.SUBSCRIPTION) {
            assertThat(number("SELECT count(*) FROM mq_payloads")).isOne();
        }
    }

    /** All columns, but those that tell when and by whom the row may be claimed; no value is a default. */
    private void insert(String table, String channel, Place place, Fault fault) {
        boolean shared = place == Place.SUBSCRIPTION;
        String large = fault == Fault.TOO_LARGE ? "repeat('x', 20000)" : "'x'";
        if (shared) {
            sql("INSERT INTO mq_payloads (id, payload_text) VALUES ('" + body + "', " + large + ")");
        }
        sql("""
                DO $$
                DECLARE v_names text; v_values text;
                BEGIN
                  SELECT string_agg(format('%%I', a.attname), ', '), string_agg(CASE a.attname
                      WHEN 'id' THEN '''%2$s''' WHEN 'channel_name' THEN '''%3$s'''
                      WHEN 'grp' THEN %4$s WHEN 'slot' THEN %5$s
                      WHEN 'payload_id' THEN %6$s WHEN 'payload_text' THEN %7$s
                      WHEN 'payload_json' THEN %8$s WHEN 'payload_bytes' THEN %8$s
                      WHEN 'body_type' THEN %9$s
                      WHEN 'redelivery_policy' THEN '''maximumRedeliveries=-1'''
                      WHEN 'max_deliveries' THEN '2000000000'
                      WHEN 'expiration' THEN '4102444800000'
                      ELSE CASE coalesce(nullif(t.typbasetype, 0), t.oid)::regtype::text
                        WHEN 'text' THEN quote_literal('the ' || a.attname || ' ,"(\\')
                        WHEN 'timestamp with time zone' THEN 'now() + interval ''1 h 1 us'''
                        WHEN 'interval' THEN '''-1 month 3 days 00:00:01.5'''
                        WHEN 'uuid' THEN 'gen_random_uuid()'
                        WHEN 'jsonb' THEN quote_literal('{"p": "1,\\""}')
                        WHEN 'boolean' THEN 'true'
                        WHEN 'bytea' THEN '''\\x00ff'''
                        ELSE '3' END
                      END, ', ') INTO v_names, v_values
                    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                   WHERE a.attrelid = '%1$s'::regclass AND a.attnum > 0 AND NOT a.attisdropped
                     AND a.attname NOT IN ('seq', 'attempt_at', 'lease_owner', 'lease_token', 'set_aside');
                  EXECUTE 'INSERT INTO %1$s (' || v_names || ') VALUES (' || v_values || ')';
                END $$""".formatted(
                        table,
                        id,
                        channel,
                        place == Place.GROUP ? "'''g'''" : "'NULL'",
                        place == Place.GROUP ? "'mq_slot(''g'')'" : "'NULL'",
                        shared ? "'''" + body + "'''" : "'NULL'",
                        shared ? "'NULL'" : "'" + large.replace("'", "''") + "'",
                        shared || fault == Fault.TOO_LARGE ? "'NULL'" : "'''[1, 2]'''",
                        fault == Fault.UNREADABLE ? "'''hologram'''" : "'NULL'"));
    }

    /** What is not changed by being set aside. */
    private String row(String table) {
        return value("SELECT to_jsonb(m) - '{attempt_at,set_aside,slot,lease_owner,lease_token}'::text[] FROM " + table
                + " m WHERE id = '" + id + "'");
    }

    private MessageConsumer consumer(Session session, String subscription, String selector) throws JMSException {
        Destination topic = subscription == null ? null : session.createTopic(queue);
        return topic == null
                ? session.createConsumer(session.createQueue(queue), selector)
                : session.createSharedDurableConsumer(session.createTopic(queue), subscription, selector);
    }

    private List<String> receiveTwo(SqlmqConnectionFactory from, Receipt receipt, String subscription)
            throws Exception {
        return switch (receipt) {
            case OWN -> receiveWithin(from, Session.AUTO_ACKNOWLEDGE, subscription);
            case TRANSACTED -> receiveWithin(from, Session.SESSION_TRANSACTED, subscription);
            case LEASED -> receiveWithin(from, 4, subscription);
            case JOINED -> receiveJoined(from, subscription, null);
            case JOINED_SELECTED -> receiveJoined(from, subscription, subscription == null ? SELECTOR : null);
            case BRANCH -> receiveInBranches(from, subscription);
        };
    }

    private List<String> receiveWithin(SqlmqConnectionFactory from, int mode, String subscription) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (Session session = session(from, mode)) {
            MessageConsumer consumer = consumer(session, subscription, null);
            for (int i = 0; i < 2; i++) {
                Message message = receive(consumer);
                texts.add(text(message));
                if (mode == Session.SESSION_TRANSACTED) {
                    session.commit();
                } else {
                    message.acknowledge();
                }
            }
        }
        return texts;
    }

    private List<String> receiveJoined(SqlmqConnectionFactory from, String subscription, String selector)
            throws Exception {
        List<String> texts = new ArrayList<>();
        try (java.sql.Connection database = DriverManager.getConnection(url);
                Session session = session(from, Session.AUTO_ACKNOWLEDGE)) {
            database.setAutoCommit(false);
            MessageConsumer consumer = consumer(session, subscription, selector);
            for (int i = 0; i < 2; i++) {
                try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                    assertThat(joined).isNotNull();
                    texts.add(text(receive(consumer)));
                }
                database.commit();
            }
        }
        return texts;
    }

    private List<String> receiveInBranches(SqlmqConnectionFactory from, String subscription) throws Exception {
        List<String> texts = new ArrayList<>();
        try (XAConnection connection = from.createXAConnection()) {
            connection.start();
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            MessageConsumer consumer = consumer(session, subscription, null);
            for (int i = 0; i < 2; i++) {
                TestXid xid = TestXid.next();
                resource.start(xid, XAResource.TMNOFLAGS);
                texts.add(text(receive(consumer)));
                resource.end(xid, XAResource.TMSUCCESS);
                resource.commit(xid, true);
            }
        }
        return texts;
    }

    /** While a window of our own sets it aside, that holds the next one, too. */
    @Test
    void letsNobodyOvertakeTheNextWhileItIsSetAside() throws Exception {
        SqlmqConnectionFactory small = factory("maxMessageSize=10000");
        send("x".repeat(20_000), "one", "two");
        sql("""
                CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  PERFORM pg_sleep(1);
                  RETURN NULL;
                END $$""", """
                CREATE CONSTRAINT TRIGGER dawdle AFTER UPDATE ON mq_msgs DEFERRABLE INITIALLY DEFERRED
                  FOR EACH ROW WHEN (new.set_aside IS NOT NULL) EXECUTE FUNCTION dawdle()""");
        try (java.sql.Connection database = DriverManager.getConnection(url);
                Session session = session(small, Session.AUTO_ACKNOWLEDGE)) {
            database.setAutoCommit(false);
            MessageConsumer consumer = consumer(session, queue);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                assertThat(joined).isNotNull();
                assertThat(consumer.receiveNoWait()).isNull();
            }
            await().until(() -> number("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 1);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                assertThat(joined).isNotNull();
                assertThat(text(receive(consumer))).isEqualTo("one");
            }
            database.commit();
        } finally {
            sql("DROP TRIGGER dawdle ON mq_msgs", "DROP FUNCTION dawdle");
        }
    }

    /** A receiver may not insert, so the row cannot be written again: its transaction fails, and then it is set aside. */
    @Test
    void aReceiverWhoseTransactionHadAMessageThatCannotBeReadIsNotStoppedByItForEver() throws Exception {
        sql("CREATE ROLE receiver LOGIN PASSWORD 'x'", "SELECT mq_grant('receiver', 'receive')");
        try {
            String receiver = with(with(url, "user", "receiver"), "password", "x");
            SqlmqConnectionFactory patient =
                    factoryOn(receiver, "maximumRedeliveries=-1", "redeliveryDelay=0", "schemaManagement=none");
            insert("mq_msgs", queue, Place.QUEUE, Fault.UNREADABLE);
            String before = row("mq_msgs");
            send("one");
            try (java.sql.Connection database = DriverManager.getConnection(receiver);
                    Session session = session(patient, Session.AUTO_ACKNOWLEDGE)) {
                database.setAutoCommit(false);
                MessageConsumer consumer = consumer(session, queue);
                try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                    assertThat(joined).isNotNull();
                    assertThatThrownBy(() -> consumer.receive(SOON))
                            .isInstanceOf(JMSException.class)
                            .hasStackTraceContaining("permission denied");
                }
                database.commit(); // of a transaction that has failed
                try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                    assertThat(joined).isNotNull();
                    assertThat(text(receive(consumer))).isEqualTo("one");
                }
                database.commit();
            }
            await().untilAsserted(
                            () -> assertThat(value("SELECT reason FROM mq_set_aside WHERE queue = '" + queue + "'"))
                                    .contains("hologram"));
            assertThat(row("mq_msgs")).isEqualTo(before);
        } finally {
            sql("DELETE FROM mq_msgs", "SELECT mq_revoke('receiver')", "DROP ROLE receiver");
        }
    }
}
