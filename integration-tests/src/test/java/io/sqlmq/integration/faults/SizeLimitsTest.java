package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts towards maxMessageSize is what travels: the same texts on send and before a message is fetched. */
@Timeout(180)
class SizeLimitsTest extends IntegrationTest {

    private static final int LIMIT = 100_000;

    /** Messages that grow with a number in one of their parts. */
    enum Part {
        TEXT {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                ((TextMessage) message).setText("é".repeat(size));
            }
        },
        BYTES {
            @Override
            Message message(Session session) throws JMSException {
                return session.createBytesMessage();
            }

            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                ((BytesMessage) message).writeBytes(new byte[size]);
            }
        },
        VALUE {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                message.setStringProperty("p", "\"\u0001€,:\\".repeat(size));
            }
        },
        NAMES {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                for (int i = 0; i < size; i++) {
                    message.setIntProperty("p" + i, i);
                }
            }
        },
        TYPES {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                for (int i = 0; i < size; i++) {
                    message.setLongProperty("p" + i, i);
                    message.setObjectProperty("f" + i, i % 2 == 0 ? Float.NaN : -0.0f);
                }
            }
        },
        NUMBERS {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                for (int i = 0; i < size; i++) {
                    message.setDoubleProperty("p" + i, i % 2 == 0 ? 1e300 + i : 1e-300 / (i + 1));
                }
            }
        },
        CORRELATION_ID {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                message.setJMSCorrelationID("\0c".repeat(size));
            }
        },
        TYPE {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                message.setJMSType("t".repeat(size));
            }
        },
        ALL {
            @Override
            void fill(Session session, Message message, int size) throws JMSException {
                message.setJMSType("t".repeat(size));
                message.setJMSCorrelationID("c".repeat(size));
                message.setStringProperty("p" + "p".repeat(size), "v".repeat(size));
                message.setStringProperty("JMSXGroupID", "g");
                message.setJMSReplyTo(session.createQueue("reply"));
                ((TextMessage) message).setText("x".repeat(size));
            }
        };

        Message message(Session session) throws JMSException {
            return session.createTextMessage();
        }

        abstract void fill(Session session, Message message, int size) throws JMSException;

        Message of(Session session, int size) throws JMSException {
            Message message = message(session);
            fill(session, message, size);
            return message;
        }
    }

    private final String dead = queue + "-dead";

    private static boolean isAccepted(Session session, MessageProducer producer, Message message) throws JMSException {
        try {
            producer.send(message);
            return true;
        } catch (JMSException e) {
            assertThat(e.getErrorCode()).isEqualTo("MESSAGE_TOO_LARGE");
            return false;
        } finally {
            session.rollback();
        }
    }

    /** The largest message of its kind that may be sent is received, whoever fetches it, and parked when it fails. */
    @ParameterizedTest
    @EnumSource(Part.class)
    void whatMayBeSentIsReceived(Part part) throws Exception {
        SqlmqConnectionFactory limited =
                factory("maxMessageSize=" + LIMIT, "maximumRedeliveries=0", "deadLetterQueue=" + dead);
        Session session = session(limited, Session.SESSION_TRANSACTED);
        Destination to = session.createQueue(queue);
        MessageProducer producer = session.createProducer(to);
        int fits = 1;
        int above = LIMIT + 1;
        while (fits + 1 < above) {
            int size = (fits + above) / 2;
            if (isAccepted(session, producer, part.of(session, size))) {
                fits = size;
            } else {
                above = size;
            }
        }
        assertThat(fits).isGreaterThan(100);

        int copies = 0;
        for (; copies < 6; copies++) {
            producer.send(part.of(session, fits));
        }
        Session publishing = session(limited, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer first = publishing.createSharedConsumer(publishing.createTopic(queue), "first");
        MessageConsumer second = publishing.createSharedConsumer(publishing.createTopic(queue), "second", "a IS NULL");
        producer = session.createProducer(session.createTopic(queue));
        producer.send(part.of(session, fits));
        session.commit();

        assertThat(Collections.list((Enumeration<?>)
                        session.createBrowser(session.createQueue(queue)).getEnumeration()))
                .hasSize(copies);
        receive(consumer(session, queue));
        session.rollback();
        receive(consumer(session, dead));
        session.commit();
        receive(session.createConsumer(to, "a IS NULL"));
        receive(consumer(session, queue));
        receive(consumer(session, queue));
        session.commit();
        receive(first);
        receive(second);
        try (java.sql.Connection database = DriverManager.getConnection(url);
                Session own = session(limited, Session.AUTO_ACKNOWLEDGE)) {
            database.setAutoCommit(false);
            MessageConsumer plain = consumer(own, queue);
            MessageConsumer selecting = own.createConsumer(to, "a IS NULL");
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                assertThat(joined).isNotNull();
                receive(plain);
                receive(selecting);
            }
            database.commit();
        }
        assertThat(number("SELECT count(*) FROM mq_set_aside")).isZero();
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isZero();
    }

    @Test
    void headersCountOnSend() throws Exception {
        Session session = session(factory("maxMessageSize=" + LIMIT), Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (Part part : List.of(Part.TYPE, Part.CORRELATION_ID)) {
            Message message = part.of(session, LIMIT + 1);
            assertThatThrownBy(() -> producer.send(message))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("maxMessageSize");
        }
    }

    /** How other programs' rows are found. */
    enum Find {
        /** By the claim of a queue that flows. */
        READY,
        EVERYWHERE,
        DUE,
        GROUPED,
        SELECTIVE,
        JOINED,
        JOINED_SELECTIVE;

        boolean isSelective() {
            return this == SELECTIVE || this == JOINED_SELECTIVE;
        }

        boolean isJoined() {
            return this == JOINED || this == JOINED_SELECTIVE;
        }
    }

    private static final Duration IN_TIME = Duration.ofSeconds(30);
    private static final int FIRST = 7;
    private static final int AFTER = 4;

    /** A row of another program's: columns with long values, and whether all of it may travel. */
    private record Row(UUID id, String columns, String values, boolean fits) {

        Row(String columns, String values, boolean fits) {
            this(UUID.randomUUID(), columns, values, fits);
        }

        String insert(Find find, String queue) {
            return "INSERT INTO mq_msgs (id, channel_name, prio_rank"
                    + switch (find) {
                        case DUE -> ", attempt_at";
                        case GROUPED -> ", grp, slot";
                        default -> "";
                    }
                    + columns + ") SELECT '" + id + "', '" + queue + "', " + (9 - FIRST)
                    + switch (find) {
                        case DUE -> ", now()";
                        case GROUPED -> ", 'g', mq_slot('g')";
                        default -> "";
                    }
                    + values;
        }
    }

    private List<UUID> setAside() {
        return Arrays.stream(value("SELECT coalesce(string_agg(id::text, ','), '') FROM mq_set_aside"
                                + " WHERE reason LIKE 'it is larger%'")
                        .split(","))
                .filter(id -> !id.isEmpty())
                .map(UUID::fromString)
                .toList();
    }

    /**
     * The identifiers of what is received, that of a message which is sent now included. The consumer goes on until all rows are here
     * or set aside, too: what is not in its place in the queue may come behind that one.
     */
    private List<String> receive(SqlmqConnectionFactory limited, Find find, int rows) throws Exception {
        List<String> received = new ArrayList<>();
        boolean after = false;
        try (java.sql.Connection database = DriverManager.getConnection(url);
                Session session = session(limited, Session.AUTO_ACKNOWLEDGE)) {
            database.setAutoCommit(false);
            MessageConsumer consumer =
                    session.createConsumer(session.createQueue(queue), find.isSelective() ? "kind IS NULL" : null);
            send(limited, queue, "after");
            long end = System.nanoTime() + IN_TIME.toNanos();
            while (System.nanoTime() < end
                    && (!after || received.size() + setAside().size() <= rows)) {
                Message message;
                if (find.isJoined()) {
                    try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(database)) {
                        assertThat(joined).isNotNull();
                        message = consumer.receive(NOTHING);
                    }
                    database.commit();
                } else {
                    message = consumer.receive(NOTHING);
                }
                if (message != null) {
                    received.add(message.getJMSMessageID());
                    after |= message.getJMSPriority() == AFTER;
                }
            }
        }
        return received;
    }

    /** For a queue that flows: the messages are announced by a send while the consumer waits. */
    private List<String> listen(SqlmqConnectionFactory limited, Runnable insert, int rows) throws Exception {
        List<String> received = new CopyOnWriteArrayList<>();
        try (Session session = session(limited, Session.AUTO_ACKNOWLEDGE)) {
            consumer(session, queue).setMessageListener(message -> {
                try {
                    received.add(message.getJMSMessageID());
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 1; i <= 20; i++) {
                send(limited, queue, "before");
                int count = i;
                await().until(() -> received.size() == count);
            }
            received.clear();
            insert.run();
            send(limited, queue, "after");
            await().atMost(IN_TIME).until(() -> received.size() + setAside().size() > rows);
        }
        return received;
    }

    private void check(SqlmqConnectionFactory limited, Find find, List<Row> rows) throws Exception {
        Runnable insert =
                () -> sql(rows.stream().map(row -> row.insert(find, queue)).toArray(String[]::new));
        List<String> found;
        if (find == Find.READY) {
            found = listen(limited, insert, rows.size());
        } else {
            insert.run();
            found = receive(limited, find, rows.size());
        }
        List<UUID> setAside = setAside();
        for (Row row : rows) {
            assertThat(found.contains("ID:" + row.id))
                    .as("%s is received", row.columns)
                    .isEqualTo(row.fits);
            assertThat(setAside.contains(row.id))
                    .as("%s is set aside", row.columns)
                    .isEqualTo(!row.fits);
        }
        assertThat(found)
                .as("what fits, and what was sent behind it")
                .hasSize((int) rows.stream().filter(Row::fits).count() + 1);
        assertThat(number("SELECT count(*) FROM mq_set_aside")).isEqualTo(setAside.size());
        sql("DELETE FROM mq_msgs");
    }

    /** Each column in which other programs can write a long value, two that are too long together, and JSON that grows. */
    @ParameterizedTest
    @EnumSource(Find.class)
    void whatTravelsIsMeasuredBeforeItIsFetched(Find find) throws Exception {
        List<String> columns = List.of(value("""
                SELECT string_agg(attname || ' ' || coalesce(nullif(t.typbasetype, 0), t.oid)::regtype, ',')
                  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                 WHERE a.attrelid = 'mq_msgs'::regclass AND a.attnum > 0
                   AND coalesce(nullif(t.typbasetype, 0), t.oid) IN ('text'::regtype, 'bytea'::regtype, 'jsonb'::regtype)
                   AND a.attname NOT IN ('channel_name', 'grp', 'set_aside')""").split(","));
        assertThat(columns).contains("jms_type text", "payload_json jsonb").hasSizeGreaterThan(14);
        List<Row> rows = new ArrayList<>();
        String random = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 9400) i)";
        for (String column : columns) {
            String name = column.substring(0, column.indexOf(' '));
            String value = switch (column.substring(column.indexOf(' ') + 1)) {
                case "text" -> random;
                case "bytea" -> "convert_to(" + random + ", 'UTF8')";
                default -> "jsonb_build_object('p', " + random + ")";
            };
            // What stays in the database may be as long as it wants.
            rows.add(new Row(
                    ", " + name,
                    ", " + value,
                    Set.of("last_error", "channel_args").contains(name)));
        }
        String most = "repeat('x', " + LIMIT * 2 / 3 + ")";
        for (String other : List.of(
                "payload_bytes, convert_to(" + most + ", 'UTF8')",
                "correlation_id, " + most,
                "payload_text, " + most,
                "properties, jsonb_build_object('p', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 2000) i))")) {
            String[] columnAndValue = other.split(", ", 2);
            rows.add(new Row(", jms_type, " + columnAndValue[0], ", " + most + ", " + columnAndValue[1], false));
        }
        for (String json : List.of("payload_json", "properties", "property_types")) {
            for (int numbers : List.of(3, 40)) {
                String grown =
                        ", jsonb_build_object('p', jsonb_agg(1e100000)) FROM generate_series(1, " + numbers + ")";
                rows.add(new Row(", " + json, grown, false));
            }
        }
        check(factory("maxMessageSize=" + LIMIT), find, rows);
    }

    /** Numbers in JSON grow when they become text, and headers have any length: a claim of ready rows measures neither, it cuts. */
    @ParameterizedTest
    @ValueSource(strings = {"payload_json", "properties", "property_types", "correlation_id"})
    void whatIsNotMeasuredIsCutBeforeItTravels(String column) throws Exception {
        String insert = "INSERT INTO mq_msgs (id, channel_name, %s) SELECT gen_random_uuid(), '" + queue + "', ";
        String small = insert.formatted("payload_text") + "'small' FROM generate_series(1, 100)";
        String large = insert.formatted(column)
                + (column.equals("correlation_id")
                        ? "repeat('x', 5000000)"
                        : "jsonb_build_object('p', jsonb_agg(1e100000)) FROM generate_series(1, 50)");
        sql(small, large, small, large, insert.formatted("payload_text") + "'last'");
        SwallowingProxy proxy = closeAfterwards(SwallowingProxy.of(url));
        SqlmqConnectionFactory limited = factoryOn(proxy.through(url), "maxMessageSize=" + LIMIT);
        MessageConsumer consumer = consumer(session(limited, Session.AUTO_ACKNOWLEDGE), queue);
        while (!text(receive(consumer)).equals("last")) {
            // what is small
        }
        await().atMost(IN_TIME).until(() -> setAside().size() == 2);
        sql("DELETE FROM mq_msgs");
        assertThat(proxy.received()).isLessThan(20 * LIMIT);
    }

    @Test
    void aSmallHeapNeverFetchesWhatIsTooMuch() throws Exception {
        String insert = "INSERT INTO mq_msgs (id, channel_name, %s) SELECT gen_random_uuid(), '" + queue + "', ";
        String grown = "jsonb_build_object('p', jsonb_agg(1e100000)) FROM generate_series(1, 350)";
        sql(
                insert.formatted("payload_text") + "'small' FROM generate_series(1, 500)",
                insert.formatted("jms_type") + "repeat('x', 50000000)",
                insert.formatted("correlation_id, payload_text, reply_to")
                        + "repeat('x', 10000000), repeat('x', 10000000), repeat('x', 10000000)",
                insert.formatted("properties") + grown,
                insert.formatted("payload_json") + grown,
                insert.formatted("payload_text") + "'small' FROM generate_series(1, 500)",
                insert.formatted("payload_text") + "'last'");
        try (ChildJvm child = ChildJvm.start(
                List.of("env", "JAVA_TOOL_OPTIONS=-Xmx40m"),
                ReceivingProgram.class,
                url,
                queue,
                String.valueOf(Session.AUTO_ACKNOWLEDGE),
                "until",
                "last")) {
            child.awaitLine("last");
        }
        assertThat(value("SELECT count(*) || min(left(reason, 12)) FROM mq_set_aside WHERE queue = '" + queue + "'"))
                .isEqualTo("4it is larger");
        sql("DELETE FROM mq_msgs");
    }
}
