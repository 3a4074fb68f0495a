package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SetAsideMessage;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.TestXid;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be neither delivered nor parked is set aside with a reason, and the others go on. */
@Tag("slow")
class SetAsideTest extends IntegrationTest {

    /** How messages are received. */
    enum Receipt {
        AUTO,
        LISTENER,
        CLIENT,
        TRANSACTED,
        INDIVIDUAL,
        JOINED,
        JOINED_SELECTED,
        BRANCH
    }

    private static final String UNREADABLE =
            "INSERT INTO mq_msgs (id, channel_name, body_type, payload_text) VALUES ('%s', '%s', 'hologram', 'x')";

    private String dead() {
        return queue + "-dead";
    }

    private String reason() {
        return value("SELECT reason FROM mq_set_aside WHERE queue = '" + queue + "'");
    }

    private long setAside() {
        return number("SELECT count(*) FROM mq_set_aside WHERE queue = '" + queue + "'");
    }

    private void fail(SqlmqConnectionFactory from, int messages) throws JMSException {
        try (Session session = session(from, Session.SESSION_TRANSACTED)) {
            MessageConsumer consumer = consumer(session, queue);
            for (int i = 0; i < messages; i++) {
                receive(consumer);
            }
            session.rollback();
        }
    }

    /** Receives two messages, each committed or acknowledged. */
    private List<String> receiveTwo(SqlmqConnectionFactory from, Receipt receipt) throws Exception {
        return switch (receipt) {
            case LISTENER -> listen(from);
            case JOINED -> receiveJoined(from, null);
            case JOINED_SELECTED -> receiveJoined(from, "kind IS NULL");
            case BRANCH -> receiveInBranches(from);
            default -> receiveWithin(from, receipt);
        };
    }

    private List<String> listen(SqlmqConnectionFactory from) throws JMSException {
        List<String> texts = new CopyOnWriteArrayList<>();
        try (Session session = session(from, Session.AUTO_ACKNOWLEDGE)) {
            consumer(session, queue).setMessageListener(message -> texts.add(bodyOf(message)));
            await().until(() -> texts.size() >= 2);
        }
        return texts;
    }

    private static String bodyOf(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            return e.toString();
        }
    }

    private List<String> receiveWithin(SqlmqConnectionFactory from, Receipt receipt) throws JMSException {
        int mode = switch (receipt) {
            case CLIENT -> Session.CLIENT_ACKNOWLEDGE;
            case TRANSACTED -> Session.SESSION_TRANSACTED;
            case INDIVIDUAL -> 4;
            default -> Session.AUTO_ACKNOWLEDGE;
        };
        List<String> texts = new ArrayList<>();
        try (Session session = session(from, mode)) {
            MessageConsumer consumer = consumer(session, queue);
            for (int i = 0; i < 2; i++) {
                Message message = receive(consumer);
                texts.add(text(message));
                if (receipt == Receipt.CLIENT || receipt == Receipt.INDIVIDUAL) {
                    message.acknowledge();
                } else if (receipt == Receipt.TRANSACTED) {
                    session.commit();
                }
            }
        }
        return texts;
    }

    private List<String> receiveJoined(SqlmqConnectionFactory from, String selector) throws Exception {
        List<String> texts = new ArrayList<>();
        try (java.sql.Connection database = DriverManager.getConnection(url);
                Session session = session(from, Session.AUTO_ACKNOWLEDGE)) {
            database.setAutoCommit(false);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue), selector);
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

    private List<String> receiveInBranches(SqlmqConnectionFactory from) throws Exception {
        List<String> texts = new ArrayList<>();
        try (XAConnection connection = from.createXAConnection()) {
            connection.start();
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            MessageConsumer consumer = consumer(session, queue);
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

    @ParameterizedTest
    @EnumSource(Receipt.class)
    void aMessageThatCanNeverBeReadIsSetAsideAndTheNextIsReceived(Receipt receipt) throws Exception {
        SqlmqConnectionFactory patient = factory("maximumRedeliveries=-1");
        UUID unreadable = UUID.randomUUID();
        sql(UNREADABLE.formatted(unreadable, queue));
        send("one", "two");
        assertThat(receiveTwo(patient, receipt)).containsExactly("one", "two");
        await().untilAsserted(
                        () -> assertThat(value("SELECT id || reason FROM mq_set_aside WHERE queue = '" + queue + "'"))
                                .startsWith(unreadable.toString())
                                .contains("hologram"));
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isOne();
    }

    @ParameterizedTest
    @EnumSource(Receipt.class)
    void aMessageThatIsTooLargeIsSetAsideUnseenAndTheNextIsReceived(Receipt receipt) throws Exception {
        send("x".repeat(2_000), "one", "two");
        assertThat(receiveTwo(factory("maxMessageSize=1000"), receipt)).containsExactly("one", "two");
        await().untilAsserted(() -> assertThat(setAside()).isOne());
        assertThat(reason()).contains("maxMessageSize").contains("1000");

        SqlmqAdmin admin = factory.admin();
        assertThat(admin.retrySetAside(queue)).isOne();
        assertThat(drain(factory, queue)).containsExactly("x".repeat(2_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "payload_text) VALUES (%s, repeat('x', 20000)",
                "payload_bytes) VALUES (%s, decode(repeat('aa', 20000), 'hex')",
                "payload_json) VALUES (%s, (SELECT jsonb_agg(md5(i::text)) FROM generate_series(1, 2000) i)",
                "properties) VALUES (%s, jsonb_build_object('p', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 2000) i))",
                "property_types) VALUES (%s, jsonb_build_object('p', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 2000) i))",
                "grp, slot, payload_text) VALUES (%s, 'g', mq_slot('g'), repeat('x', 20000)",
            })
    void whateverIsTooLargeIsNotFetched(String row) throws Exception {
        String insert = "INSERT INTO %s (id, channel_name, " + row + ")";
        sql(insert.formatted("mq_msgs", "gen_random_uuid(), '" + queue + "'"));
        if (!row.startsWith("grp")) {
            sql(insert.formatted("mq_msgs_unlogged", "gen_random_uuid(), '" + queue + "'"));
        }
        send("one", "two");
        SqlmqConnectionFactory small = factory("maxMessageSize=10000");
        Session session = session(small, Session.AUTO_ACKNOWLEDGE);
        assertThat(Collections.list((Enumeration<?>)
                        session.createBrowser(session.createQueue(queue)).getEnumeration()))
                .hasSize(2);
        assertThat(receiveTwo(small, Receipt.AUTO)).containsExactly("one", "two");
        assertNothingComes(consumer(session, queue));
        assertThat(setAside()).isEqualTo(row.startsWith("grp") ? 1 : 2);
    }

    @Test
    void aSharedBodyThatIsTooLargeIsNotFetched() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic("topic-" + queue);
        Session small = session(factory("maxMessageSize=10000"), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer first = small.createSharedDurableConsumer(topic, "first-" + queue);
        MessageConsumer second = small.createSharedDurableConsumer(topic, "second-" + queue);
        MessageProducer producer = session.createProducer(topic);
        producer.send(session.createTextMessage("x".repeat(20_000)));
        producer.send(session.createTextMessage("after"));
        assertThat(text(receive(first))).isEqualTo("after");
        assertThat(text(receive(second))).isEqualTo("after");
        assertThat(number("SELECT count(*) FROM mq_set_aside WHERE reason LIKE '%maxMessageSize%'"))
                .isEqualTo(2);
        sql("DELETE FROM mq_msgs");
    }

    @Test
    void whatSendAllowsIsReceivedWhateverItsCharacters() throws Exception {
        SqlmqConnectionFactory small = factory("maxMessageSize=1000");
        send(small, queue, "€".repeat(333));
        assertThatThrownBy(() -> send(small, queue, "€".repeat(334)))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("maxMessageSize");
        assertThat(drain(small, queue)).containsExactly("€".repeat(333));
    }

    /** A listener that works off small messages claims many at once; a body may be too large alone, or many be together. */
    @Test
    void aSmallHeapReceivesOneByOneWhatIsTooMuchTogetherAndNeverWhatIsTooMuchAlone() throws Exception {
        String insert =
                "INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue + "', ";
        sql(
                insert + "'small' FROM generate_series(1, 1000)",
                insert + "repeat('x', 50000000)",
                insert + "repeat('x', 3000000) FROM generate_series(1, 20)",
                insert + "'last'");
        try (ChildJvm child = ChildJvm.start(
                List.of("env", "JAVA_TOOL_OPTIONS=-Xmx40m"),
                ReceivingProgram.class,
                url,
                queue,
                String.valueOf(Session.AUTO_ACKNOWLEDGE),
                "until",
                "last")) {
            child.awaitLine("last"); // which it acknowledges afterwards
            await().untilAsserted(() -> assertThat(number(
                            "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "' AND set_aside IS NULL"))
                    .isZero());
        }
        assertThat(value("SELECT count(*) || min(left(reason, 12)) FROM mq_set_aside WHERE queue = '" + queue + "'"))
                .isEqualTo("1it is larger");
        sql("DELETE FROM mq_msgs");
    }

    /** One failed delivery among others that the database refuses to park. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void whatCannotBeParkedIsSetAsideWhereItIsAndTheOthersAreParked(boolean persistent) throws Exception {
        sql("""
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF new.dead_origin IS NOT NULL AND new.payload_text = 'bad' THEN RAISE 'no room for %', new.id; END IF;
                  RETURN new;
                END $$""", "CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON mq_msgs FOR EACH ROW EXECUTE FUNCTION refuse()");
        try {
            SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueue=" + dead());
            try (Session session = session(Session.AUTO_ACKNOWLEDGE)) {
                MessageProducer producer = session.createProducer(session.createQueue(queue));
                producer.setDeliveryMode(persistent ? 2 : 1);
                for (String text : List.of("before", "bad", "behind")) {
                    producer.send(session.createTextMessage(text));
                }
            }
            fail(strict, 3);
            assertThat(drain(factory, dead())).containsExactly("before", "behind");
            assertThat(value(
                            "SELECT concat_ws('|', delivery_count, failure_count, persistent, reason) FROM mq_set_aside"
                                    + " WHERE queue = '" + queue + "'"))
                    .startsWith("1|1|" + (persistent ? "t" : "f") + "|delivery failed 1 times")
                    .contains(dead())
                    .contains("no room for");
        } finally {
            sql("DROP TRIGGER refuse ON mq_msgs");
        }
    }

    @Test
    void aRoleThatMayNotWriteTheDeadLetterQueueLosesNothing() throws Exception {
        String role = "role_" + queue.replace('-', '_');
        sql(
                "CREATE ROLE " + role + " LOGIN PASSWORD 'x'",
                "GRANT USAGE ON SCHEMA public TO " + role,
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role,
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + role,
                "CREATE POLICY own ON mq_msgs TO " + role + " USING (channel_name = '" + queue + "')",
                "ALTER TABLE mq_msgs ENABLE ROW LEVEL SECURITY");
        try {
            send("one", "two");
            SqlmqConnectionFactory tenant = factoryOn(
                    with(with(url, "user", role), "password", "x"),
                    "maximumRedeliveries=0",
                    "deadLetterQueue=" + dead(),
                    "schemaManagement=none");
            fail(tenant, 2);
            send("three");
            try (Session session = session(tenant, Session.AUTO_ACKNOWLEDGE)) {
                assertThat(text(receive(consumer(session, queue)))).isEqualTo("three");
            }
            assertThat(number("SELECT (SELECT count(*) FROM mq_dead_letters WHERE origin = '" + queue + "')"
                            + " + (SELECT count(*) FROM mq_set_aside WHERE queue = '" + queue + "')"))
                    .isEqualTo(2);
        } finally {
            sql(
                    "ALTER TABLE mq_msgs DISABLE ROW LEVEL SECURITY",
                    "DROP POLICY own ON mq_msgs",
                    "DROP OWNED BY " + role,
                    "DROP ROLE " + role);
        }
    }

    @Test
    void aDeadLetterWhoseIdIsThereAlreadyGetsANewOne() throws Exception {
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueue=" + dead());
        send("one", "two");
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT id, '" + dead() + "', 'there' FROM mq_msgs"
                + " WHERE channel_name = '" + queue + "' AND payload_text = 'one'");
        String id = value("SELECT id FROM mq_msgs WHERE channel_name = '" + dead() + "'");
        fail(strict, 2);
        assertThat(setAside()).isZero();
        try (Session session = session(Session.AUTO_ACKNOWLEDGE)) {
            MessageConsumer consumer = consumer(session, dead());
            assertThat(text(receive(consumer))).isEqualTo("there");
            Message one = receive(consumer);
            assertThat(text(one)).isEqualTo("one");
            assertThat(one.getJMSMessageID()).isEqualTo("ID:" + id);
            assertThat(text(receive(consumer))).isEqualTo("two");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 255})
    void aDeadLetterQueueWhoseNameWouldBeTooLongHasAShorterOne(int length) throws Exception {
        SqlmqConnectionFactory strict = factory("maximumRedeliveries=0", "deadLetterQueuePrefix=" + "d".repeat(length));
        String name = queue + "n".repeat(240);
        send(strict, name, "one");
        try (Session session = session(strict, Session.SESSION_TRANSACTED)) {
            receive(consumer(session, name));
            session.rollback();
        }
        assertThat(number("SELECT count(*) FROM mq_dead_letters WHERE origin = '" + name + "'"))
                .isOne();
    }

    @Test
    void expiredMessagesThatCannotBeParkedAreSweptOnce() throws Exception {
        String insert = "INSERT INTO %s (id, channel_name, expires_at, payload_text) SELECT gen_random_uuid(), '"
                + queue + "', now() - interval '1 s', i::text FROM generate_series(1, 3) i";
        sql("""
                CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF new.dead_origin IS NOT NULL AND new.payload_text = '2' THEN RAISE 'no room'; END IF;
                  RETURN new;
                END $$""", "CREATE TRIGGER refuse_all BEFORE INSERT ON mq_msgs FOR EACH ROW EXECUTE FUNCTION refuse_all()");
        try {
            // In one transaction, or the factory's own sweep might come between.
            sql("BEGIN; " + insert.formatted("mq_msgs") + "; " + insert.formatted("mq_msgs_unlogged")
                    + "; SELECT mq_sweep_expired(100, '" + dead() + "', false); COMMIT");
            assertThat(setAside()).isEqualTo(2);
            assertThat(number("SELECT count(*) FROM mq_dead_letters WHERE queue = '" + dead() + "'"))
                    .isEqualTo(4);
            sql("SELECT mq_sweep_expired(100, '" + dead() + "', false)");
            assertThat(setAside()).isEqualTo(2);
        } finally {
            sql("DROP TRIGGER refuse_all ON mq_msgs");
        }
    }

    @Test
    void countsStayWithinTheirBounds() throws Exception {
        SqlmqConnectionFactory patient = factory("maximumRedeliveries=-1", "redeliveryDelay=0");
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text, delivery_count, failure_count) VALUES"
                + " (gen_random_uuid(), '" + queue + "', 'often', 1000000000, 1000000000)");
        try (Session session = session(patient, Session.SESSION_TRANSACTED)) {
            MessageConsumer consumer = consumer(session, queue);
            receive(consumer);
            session.rollback();
            assertThat(deliveryCount(receive(consumer))).isEqualTo(1_000_000_001);
            session.commit();
        }
        assertThat(setAside()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "properties) VALUES ('null'",
                "properties) VALUES ('[]'",
                "property_types) VALUES ('1'",
                "delivery_count) VALUES (-1",
                "delivery_count) VALUES (2147483647",
                "failure_count) VALUES (-2",
                "seq) VALUES (-1",
                "attempt_at) VALUES ('infinity'",
                "attempt_at) VALUES ('-infinity'",
                "set_aside) VALUES ('why'",
                "slot) VALUES (1",
                "grp, slot) VALUES ('g', (mq_slot('g') + 1) & 1023",
                "grp) VALUES (repeat('g', 513)",
                "lease_owner, lease_token) VALUES (1, 1",
                "lease_owner, attempt_at) VALUES (1, now()",
            })
    void rowsThatNobodyCouldWorkWithAreRefused(String row) {
        for (String table : List.of("mq_msgs", "mq_msgs_unlogged")) {
            assertThatThrownBy(() -> sql("INSERT INTO " + table + " (id, channel_name, "
                            + row.replaceFirst("VALUES \\(", "VALUES (gen_random_uuid(), '" + queue + "', ") + ")"))
                    .hasStackTraceContaining("violates check constraint");
        }
    }

    /** Few bytes that become more text than Java holds. The type of the column refuses them, which both tables share. */
    @ParameterizedTest
    @ValueSource(strings = {"properties", "payload_json"})
    void rowsThatGrowBeyondMeasureAreRefused(String column) {
        assertThatThrownBy(
                        () -> sql(
                                "INSERT INTO mq_msgs (id, channel_name, " + column + ") VALUES (gen_random_uuid(), '"
                                        + queue
                                        + "', jsonb_build_object('bomb', (SELECT jsonb_agg(1e131071) FROM generate_series(1, 2100))))"))
                .hasStackTraceContaining("violates check constraint");
        assertThat(number("SELECT count(DISTINCT atttypid) FROM pg_attribute WHERE attname = '" + column
                        + "' AND attrelid IN ('mq_msgs'::regclass, 'mq_msgs_unlogged'::regclass)"))
                .isOne();
    }

    @Test
    void whatIsSetAsideDoesNotHoldUpItsGroupNorBlockItsQueue() throws Exception {
        SqlmqConnectionFactory blocking = factory("maximumRedeliveries=-1", "nonBlockingRedelivery=false");
        sql("INSERT INTO mq_msgs (id, channel_name, grp, slot, body_type, failure_count) VALUES (gen_random_uuid(), '"
                + queue + "', 'g', mq_slot('g'), 'hologram', 3)");
        try (Session session = session(Session.AUTO_ACKNOWLEDGE)) {
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            for (String text : List.of("one", "two")) {
                TextMessage message = session.createTextMessage(text);
                message.setStringProperty("JMSXGroupID", "g");
                producer.send(message);
            }
        }
        assertThat(receiveTwo(blocking, Receipt.AUTO)).containsExactly("one", "two");
        assertThat(setAside()).isOne();
        assertThat(factory.admin().retrySetAside(queue)).isOne();
        assertThat(value("SELECT slot = mq_slot('g') AND attempt_at IS NULL FROM mq_msgs WHERE channel_name = '" + queue
                        + "'"))
                .isEqualTo("t");
    }

    @Test
    void operatorsListRetryAndRemoveWhatIsSetAside() throws Exception {
        SqlmqConnectionFactory small = factory("maxMessageSize=1000");
        try (Session session = session(Session.AUTO_ACKNOWLEDGE)) {
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            for (int mode : new int[] {2, 1, 2}) {
                producer.setDeliveryMode(mode);
                BytesMessage bytes = session.createBytesMessage();
                bytes.writeBytes(new byte[2_000]);
                producer.send(bytes);
            }
        }
        assertThat(drain(small, queue)).isEmpty();
        SqlmqAdmin admin = factory.admin();
        assertThat(admin.countSetAside(queue)).isEqualTo(3);
        assertThat(admin.countSetAside(null)).isGreaterThanOrEqualTo(3);
        List<SetAsideMessage> messages = admin.setAside(queue, 10);
        assertThat(messages).hasSize(3).allSatisfy(m -> assertThat(m.reason()).contains("maxMessageSize"));
        assertThat(messages).extracting(SetAsideMessage::persistent).containsExactlyInAnyOrder(true, true, false);
        assertThat(admin.setAside(null, 1)).hasSize(1);
        assertThat(value("SELECT set_aside || '|' || ready FROM mq_queues WHERE queue = '" + queue + "'"))
                .isEqualTo("3|0");
        assertThat(value("SELECT DISTINCT state FROM mq_messages WHERE queue = '" + queue + "'"))
                .isEqualTo("set aside");

        assertThat(admin.retrySetAside(queue, messages.get(0).messageId())).isOne();
        assertThat(((BytesMessage) receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue))).getBodyLength())
                .isEqualTo(2_000);
        assertThat(admin.remove(queue, messages.get(1).messageId())).isTrue();
        assertThat(admin.removeSetAside(queue)).isOne();
        assertThat(admin.countSetAside(queue)).isZero();
    }

    /** Consumers do not look below the numbers that they have taken; what is put back by mq_restore comes all the same. */
    @Test
    void rowsOfABackupAreRestoredForConsumersThatRun() throws Exception {
        send("one", "two", "three");
        sql(
                "CREATE TABLE backup AS SELECT * FROM mq_msgs WHERE channel_name = '" + queue + "'",
                "UPDATE backup SET lease_owner = 7, lease_token = 7, attempt_at = now() WHERE payload_text = 'one'");
        try (Session session = session(Session.AUTO_ACKNOWLEDGE)) {
            MessageConsumer consumer = consumer(session, queue);
            for (int i = 0; i < 3; i++) {
                receive(consumer);
            }
            // Enough for the floors to be raised.
            sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                    + "', 'x' FROM generate_series(1, 1500)");
            for (int i = 0; i < 1500; i++) {
                receive(consumer);
            }
            sql("SELECT mq_restore(to_jsonb(b)) FROM backup b ORDER BY seq");
            for (String text : List.of("one", "two", "three")) {
                assertThat(text(receive(consumer))).isEqualTo(text);
            }
        } finally {
            sql("DROP TABLE backup");
        }
    }
}
