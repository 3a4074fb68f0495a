package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** mq_move, mq_park and mq_dead_letter: a message goes on in another queue. */
@Timeout(60)
class MoveTest {
    private static final String IN_AN_HOUR = "clock_timestamp() + interval '1 h'";

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void amongQueuesAllColumnsStayButThoseOfItsPlaceAndItsFailures(boolean unlogged) throws Exception {
        Map<String, String> before = insertFull(unlogged);
        assertThat(QUEUES.outside().move(before.get("id"), unlogged, "to", null))
                .isTrue();
        Map<String, String> expected = moved(before);
        for (String column : List.of("last_error", "dead_origin", "dead_reason", "dead_attempts", "dead_at")) {
            expected.put(column, null);
        }
        expected.put("slot", QUEUES.outside().values("mq_slot('grp')").get(0));
        assertThat(QUEUES.row("payload_text")).containsAllEntriesOf(expected).hasSameSizeAs(before);
        assertThat(QUEUES.seq("payload_text")).as("at the end").isGreaterThan(Long.parseLong(before.get("seq")));
        assertThat(QUEUES.texts()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeadLetterTellsItsStoryAndNeitherExpiresNorIsGrouped(boolean unlogged) throws Exception {
        Map<String, String> before = insertFull(unlogged);
        assertThat(QUEUES.outside().move(before.get("id"), unlogged, "to", "too often"))
                .isTrue();
        Map<String, String> expected = moved(before);
        for (String column : List.of("slot", "expires_at", "expiration")) {
            expected.put(column, null);
        }
        expected.put("dead_origin", QUEUES.queue());
        expected.put("dead_reason", "too often");
        expected.put("dead_attempts", before.get("delivery_count"));
        expected.put("last_error", "it broke");
        for (String column : List.of("dead_at", "properties", "property_types")) {
            expected.remove(column);
        }
        assertThat(QUEUES.row("payload_text")).containsAllEntriesOf(expected).hasSameSizeAs(before);
        assertThat(QUEUES.holds("payload_text", "dead_at BETWEEN now() - interval '1 min' AND now()"))
                .isTrue();
        assertThat(QUEUES.holds(
                        "payload_text",
                        "properties = jsonb_build_object('a', 1, 'JMS_SQLMQ_DeadLetterOrigin', dead_origin,"
                                + " 'JMS_SQLMQ_DeadLetterReason', dead_reason, 'JMS_SQLMQ_DeadLetterAttempts', dead_attempts,"
                                + " 'JMS_SQLMQ_DeadLetterAt', (extract(epoch FROM dead_at) * 1000)::bigint,"
                                + " 'JMS_SQLMQ_DeadLetterError', last_error)"))
                .isTrue();
        assertThat(QUEUES.holds("payload_text", "property_types = '{\"a\": 1, \"JMS_SQLMQ_DeadLetterAt\": \"long\"}'"))
                .isTrue();
    }

    @Test
    void aDeadLetterThatGoesBackToWorkForgetsThatItWasOne() throws Exception {
        String id = QUEUES.insertGrouped("g", "a", "properties", "'{\"p\": 1}'");
        QUEUES.outside().move(id, false, "DLQ", "too often");
        assertThat(QUEUES.holds("a", "slot IS NULL AND properties ? 'JMS_SQLMQ_DeadLetterReason'"))
                .isTrue();
        QUEUES.outside().execute("UPDATE mq_msgs SET channel_name = '" + QUEUES.queue() + "'");
        QUEUES.outside().move(id, false, "back", null);
        assertThat(QUEUES.holds(
                        "a",
                        "properties = '{\"p\": 1}' AND property_types IS NULL AND dead_reason IS NULL"
                                + " AND dead_at IS NULL AND last_error IS NULL AND slot = mq_slot('g')"))
                .isTrue();
    }

    @Test
    void onlyADelayGoesOn() throws Exception {
        QUEUES.insert("delayed", "attempt_at", IN_AN_HOUR);
        QUEUES.insert("backs off", "attempt_at", IN_AN_HOUR, "delivery_count", "1");
        QUEUES.insert("due", "attempt_at", "clock_timestamp() - interval '1 h'");
        QUEUES.insert("set aside", "attempt_at", "'infinity'", "set_aside", "'unreadable'");
        QUEUES.insert("dead", "attempt_at", IN_AN_HOUR);
        for (String text : QUEUES.texts()) {
            QUEUES.outside().move(QUEUES.id(text), false, "to", text.equals("dead") ? "too often" : null);
        }
        assertThat(QUEUES.outside()
                        .values("payload_text FROM mq_msgs WHERE attempt_at IS NOT NULL OR set_aside IS NOT NULL"))
                .containsExactly("delayed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mq_payloads", "mq_payloads_unlogged"})
    void aSharedBodyIsCopied(String bodies) throws Exception {
        String payload = QUEUES.outside()
                .rows("INSERT INTO " + bodies + " (id, payload_text) VALUES (gen_random_uuid(), 'shared') RETURNING id")
                .get(0)
                .get("id");
        boolean unlogged = bodies.endsWith("unlogged");
        String[] columns = {"payload_text", "NULL", "payload_id", Call.literal(payload)};
        String id = unlogged ? QUEUES.insertUnlogged("", columns) : QUEUES.insert("", columns);
        QUEUES.outside().move(id, unlogged, "to", null);
        assertThat(QUEUES.row("shared"))
                .containsEntry("payload_id", null)
                .containsEntry("message_id", payload)
                .containsEntry("id", id);
        assertThat(QUEUES.outside().values("payload_text FROM " + bodies))
                .as("others may have it")
                .hasSize(1);
    }

    @Test
    void anIdThatIsThereIsReplacedAndTheMessageIdStays() throws Exception {
        String id = QUEUES.insert("a");
        QUEUES.insert("there", "id", Call.literal(id), "channel_name", "'to'");
        assertThat(QUEUES.outside().move(id, false, "to", null)).isTrue();
        assertThat(QUEUES.texts("to")).containsExactly("there", "a");
        assertThat(QUEUES.row("a")).containsEntry("message_id", id);
        assertThat(QUEUES.id("a")).isNotEqualTo(id);
        assertThat(QUEUES.id("there")).isEqualTo(id);
    }

    @Test
    void aNameThatIsTooLongIsCutAndStaysDifferent() throws Exception {
        String prefix = "ä".repeat(130);
        for (String text : List.of("1", "2")) {
            QUEUES.outside().move(QUEUES.insert(text), false, prefix + text, null);
        }
        assertThat(QUEUES.row("1").get("channel_name")).startsWith("ä".repeat(48));
        assertThat(QUEUES.row("1").get("channel_name"))
                .isNotEqualTo(QUEUES.row("2").get("channel_name"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNotThereIsNotMoved(boolean unlogged) throws Exception {
        String id = unlogged ? QUEUES.insertUnlogged("a") : QUEUES.insert("a");
        assertThat(QUEUES.outside().move(id, !unlogged, "to", null)).isFalse();
        QUEUES.outside().execute("UPDATE mq_msgs SET channel_name = 'another'");
        QUEUES.outside().execute("UPDATE mq_msgs_unlogged SET channel_name = 'another'");
        assertThat(QUEUES.outside().move(id, unlogged, "to", null)).isFalse();
        assertThat(QUEUES.texts("another")).containsExactly("a");
    }

    /** Who may receive needs no right to send to the dead-letter queue, and gets none but for what is his. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deadLettersAreMadeOfWhatTheCallerHasWrittenOnly(boolean unlogged) throws Exception {
        String table = unlogged ? "mq_msgs_unlogged" : "mq_msgs";
        String id = unlogged ? QUEUES.insertUnlogged("a") : QUEUES.insert("a");
        QueueSession session = QUEUES.open();
        session.park("mq_dead_letter", id, unlogged, "DLQ");
        session.commit();
        assertThat(QUEUES.texts("DLQ")).isEmpty();
        session.execute("UPDATE " + table + " SET failure_count = 1");
        session.park("mq_dead_letter", id, unlogged, "DLQ");
        session.commit();
        assertThat(QUEUES.texts("DLQ")).containsExactly("a");
        assertThat(QUEUES.row("a"))
                .containsEntry("dead_attempts", "3")
                .containsEntry("dead_reason", "delivered too often");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void parkingWorksWhoeverHasWrittenIt(boolean unlogged) throws Exception {
        String id = unlogged ? QUEUES.insertUnlogged("a") : QUEUES.insert("a");
        QUEUES.outside().park("mq_park", id, unlogged, "DLQ");
        assertThat(QUEUES.texts("DLQ")).containsExactly("a");
        assertThat(QUEUES.row("a"))
                .containsEntry("dead_origin", QUEUES.queue())
                .containsEntry("last_error", "it broke");
    }

    @Test
    void whatIsRefusedForThisMessageSetsItAsideAndWhatPassesIsAnError() throws Exception {
        QUEUES.outside().execute("""
                CREATE OR REPLACE FUNCTION accepts(p_queue text) RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                  IF p_queue = 'locked' THEN
                    RAISE EXCEPTION 'locked' USING ERRCODE = '55P03';
                  END IF;
                  RETURN p_queue <> 'refuses';
                END $$;
                ALTER TABLE mq_msgs ADD CHECK (accepts(channel_name))""");
        String id = QUEUES.insert("a");
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> QUEUES.outside().park("mq_park", id, false, "locked"))
                .matches(e -> "55P03".equals(e.getSQLState()));
        assertThat(QUEUES.holds("a", "set_aside IS NULL AND attempt_at IS NULL"))
                .isTrue();
        QUEUES.outside().park("mq_park", id, false, "refuses");
        assertThat(QUEUES.row("a").get("set_aside"))
                .startsWith("delivered too often; it cannot be parked in refuses: ");
        assertThat(QUEUES.holds("a", "channel_name = '" + QUEUES.queue() + "' AND attempt_at = 'infinity'"))
                .isTrue();
    }

    /** A message with a value in each column that the catalog knows, leased to somebody. */
    private static Map<String, String> insertFull(boolean unlogged) throws Exception {
        Map<String, String> special = Map.of(
                "channel_name", Call.literal(QUEUES.queue()),
                "slot", unlogged ? "NULL" : "mq_slot('grp')",
                "prio_rank", "2",
                "set_aside", "NULL", // it cannot be leased, too
                "payload_id", "NULL"); // it has a body of its own
        List<String> columns = new ArrayList<>();
        for (Map<String, String> column : QUEUES.outside().rows("""
                SELECT a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS type
                  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                 WHERE a.attrelid = 'mq_msgs'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'seq'""")) {
            String name = column.get("attname");
            columns.add(name);
            columns.add(special.containsKey(name) ? special.get(name) : valueOf(name, column.get("type")));
        }
        String[] all = columns.toArray(String[]::new);
        if (unlogged) {
            QUEUES.insertUnlogged("", all);
        } else {
            QUEUES.insert("", all);
        }
        return QUEUES.row("payload_text");
    }

    private static String valueOf(String column, String type) {
        return switch (type) {
            case "uuid" -> "gen_random_uuid()";
            case "text" -> Call.literal(column);
            case "bigint", "integer" -> "12345";
            case "smallint" -> "3";
            case "timestamp with time zone" -> IN_AN_HOUR;
            case "interval" -> "'5 min'";
            case "jsonb" -> "'{\"a\": 1}'";
            case "bytea" -> "'\\x0102'";
            case "boolean" -> "true";
            default -> throw new AssertionError("What is a value of " + column + ", which is " + type + "?");
        };
    }

    /** What is the same however a message is moved. */
    private static Map<String, String> moved(Map<String, String> before) {
        Map<String, String> expected = new LinkedHashMap<>(before);
        expected.put("table", "mq_msgs");
        expected.put("channel_name", "to");
        expected.put("delivery_count", "0");
        expected.put("failure_count", "0");
        for (String column : List.of("attempt_at", "lease_owner", "lease_token")) {
            expected.put(column, null);
        }
        expected.remove("seq");
        expected.remove("ctid");
        return expected;
    }
}
