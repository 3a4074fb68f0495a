package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What mq_claim locks and returns, of messages without groups. */
@Timeout(60)
class ClaimTest {
    private static final String AN_HOUR_AGO = "clock_timestamp() - interval '1 h'";
    private static final String IN_AN_HOUR = "clock_timestamp() + interval '1 h'";

    /** All that was given back at once is due before, in microseconds since 1970. */
    private static final long A_DAY = 86_400_000_000L;

    /** Behind everything that was given back at once or is due. */
    private static final String END = "(SELECT array_agg(n) FROM (SELECT unnest(ARRAY[" + A_DAY + ", 0, 0,"
            + " extract(epoch FROM clock_timestamp())::bigint * 1000000, 0, 0]) FROM generate_series(1, 3)) AS e (n))";

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @Test
    void messagesComeByPriorityThenAsTheyWereSent() throws Exception {
        QUEUES.insert("low 1", "prio_rank", "9");
        QUEUES.insert("1");
        QUEUES.insert("high", "prio_rank", "0");
        QUEUES.insert("2");
        QUEUES.insert("low 2", "prio_rank", "9");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(2))).containsExactly("high", "1");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(2))).containsExactly("2", "low 1");
    }

    @Test
    void ofAnotherQueueNothingComes() throws Exception {
        QUEUES.insert("other", "channel_name", "'another queue'");
        QUEUES.insert("mine");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10))).containsExactly("mine");
    }

    @Test
    void whatOthersHaveLockedIsPassedOverWithoutWaiting() throws Exception {
        for (int i = 1; i <= 5; i++) {
            QUEUES.insert("p" + i, "attempt_at", i <= 2 ? AN_HOUR_AGO : "NULL");
            QUEUES.insertUnlogged("u" + i, "attempt_at", i <= 2 ? AN_HOUR_AGO : "NULL");
        }
        QueueSession first = QUEUES.open();
        QueueSession second = QUEUES.open();
        List<ClaimedMessage> ofFirst = first.claim(5, "p_unlogged_first", "true");
        ofFirst = concat(ofFirst, first.claim(2, "p_held", held(ofFirst)));
        List<ClaimedMessage> ofSecond = second.claim(100);
        assertThat(ClaimedMessage.texts(ofFirst)).contains("u1", "u2", "p1").doesNotHaveDuplicates();
        assertThat(ClaimedMessage.texts(concat(ofFirst, ofSecond))).containsExactlyInAnyOrderElementsOf(QUEUES.texts());
        assertThat(QUEUES.open().claim(100)).isEmpty();
        first.rollback();
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(100)))
                .containsExactlyInAnyOrderElementsOf(ClaimedMessage.texts(ofFirst));
    }

    /** A second claim of a transaction would get its own rows again. */
    @Test
    void whatTheCallerHoldsIsLeftOut() throws Exception {
        QUEUES.insert("due", "attempt_at", AN_HOUR_AGO);
        QUEUES.insertUnlogged("unlogged");
        QUEUES.insert("ready 1");
        QUEUES.insert("ready 2");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> held = session.claim(100);
        assertThat(held).hasSize(4);
        assertThat(session.claim(100)).hasSize(4);
        assertThat(session.claim(100, "p_held", held(held))).isEmpty();
        assertThat(ClaimedMessage.texts(session.claim(
                        100, "p_held", held(ClaimedMessage.inOrder(held).subList(0, 3)))))
                .containsExactly("ready 2");
    }

    /** §6.2.7: a transaction does not receive what it sends. */
    @Test
    void whatTheCallerHasWrittenIsLeftOut() throws Exception {
        QUEUES.insert("of others");
        QUEUES.insertUnlogged("unlogged, of others");
        QueueSession session = QUEUES.open();
        for (String table : List.of("mq_msgs", "mq_msgs_unlogged")) {
            for (String when : List.of("NULL", AN_HOUR_AGO)) {
                session.execute("INSERT INTO " + table + " (id, channel_name, payload_text, attempt_at)"
                        + " VALUES (gen_random_uuid(), " + Call.literal(QUEUES.queue()) + ", 'own', " + when + ")");
            }
        }
        assertThat(ClaimedMessage.texts(session.claim(100, "p_own", "ARRAY[pg_current_xact_id()::xid]")))
                .containsExactly("of others", "unlogged, of others");
        assertThat(session.claim(100)).hasSize(6);
    }

    @Test
    void noMoreThanTheLimitIsLockedOfEqualPriority() throws Exception {
        for (int i = 1; i <= 9; i++) {
            QUEUES.insert(String.valueOf(i));
        }
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(4))).containsExactly("1", "2", "3", "4");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(4))).containsExactly("5", "6", "7", "8");
    }

    @Test
    void whatIsDueComesBeforeWhatIsReady() throws Exception {
        QUEUES.insert("ready 1");
        QUEUES.insert("later", "attempt_at", "clock_timestamp() - interval '1 s'");
        QUEUES.insert("earlier", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("at once 2", "attempt_at", "mq_at_once()");
        QUEUES.insert("at once 3", "attempt_at", "mq_at_once()");
        QUEUES.insert("not yet", "attempt_at", IN_AN_HOUR);
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(1))).containsExactly("at once 2");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(2))).containsExactly("earlier", "at once 3");
        List<ClaimedMessage> rest = QUEUES.open().claim(2);
        assertThat(ClaimedMessage.texts(rest)).containsExactly("ready 1", "later");
        assertThat(rest)
                .filteredOn(message -> message.is(ClaimedColumn.DUE))
                .singleElement()
                .matches(m -> m.text().equals("later"));
    }

    @Test
    void whatIsReadyAndOfBetterPriorityComesAlongWithWhatIsDue() throws Exception {
        QUEUES.insert("due 1", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("due 2", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("same");
        QUEUES.insert("better", "prio_rank", "4");
        QUEUES.insert("best", "prio_rank", "0");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(2))).containsExactly("best", "better", "due 1", "due 2");
    }

    @Test
    void aLaneHasRanksAndAFloorInItsFirst() throws Exception {
        for (int rank : List.of(1, 3, 4, 6)) {
            QUEUES.insert("old " + rank, "prio_rank", String.valueOf(rank));
        }
        long floor = QUEUES.seq("old 6") + 1;
        for (int rank : List.of(1, 3, 4, 6)) {
            QUEUES.insert("new " + rank, "prio_rank", String.valueOf(rank));
        }
        QueueSession session = QUEUES.open();
        assertThat(ClaimedMessage.texts(
                        session.claim(100, "p_lo", "'{3}'", "p_hi", "'{4}'", "p_floor", "'{" + floor + "}'")))
                .as("in ranks after the first one there is no floor")
                .containsExactly("new 3", "old 4", "new 4");
        session.rollback();
        assertThat(ClaimedMessage.texts(session.claim(
                        100,
                        "p_lo",
                        "'{1,3}'",
                        "p_hi",
                        "'{1,6}'",
                        "p_floor",
                        "'{0," + floor + "}'",
                        "p_unlogged_floor",
                        "'{0,0}'",
                        "p_grouped_floor",
                        "'{0,0}'")))
                .containsExactly("old 1", "new 1", "new 3", "old 4", "new 4", "old 6", "new 6");
        session.rollback();
        assertThat(ClaimedMessage.texts(session.claim(
                        2,
                        "p_lo",
                        "'{1,3}'",
                        "p_hi",
                        "'{1,6}'",
                        "p_floor",
                        "'{0,0}'",
                        "p_unlogged_floor",
                        "'{0,0}'",
                        "p_grouped_floor",
                        "'{0,0}'")))
                .as("the first ranks goes first")
                .containsExactly("old 1", "new 1");
        assertThat(QUEUES.open().claim(100)).as("and nothing else was locked").hasSize(6);
    }

    @Test
    void theUnloggedTableHasFloorsOfItsOwn() throws Exception {
        QUEUES.insert("old");
        QUEUES.insertUnlogged("old, unlogged");
        String floor = "'{" + (QUEUES.seq("old, unlogged") + 1) + "}'";
        QUEUES.insert("new");
        QUEUES.insertUnlogged("new, unlogged");
        QueueSession session = QUEUES.open();
        assertThat(ClaimedMessage.texts(session.claim(100, "p_lo", "'{5}'", "p_floor", floor)))
                .containsExactly("old, unlogged", "new", "new, unlogged");
        session.rollback();
        assertThat(ClaimedMessage.texts(session.claim(100, "p_lo", "'{5}'", "p_unlogged_floor", floor)))
                .containsExactly("old", "new", "new, unlogged");
    }

    /** Rows that wait appear below any floor, when their time has come. */
    @Test
    void floorsDoNotCoverWhatIsDue() throws Exception {
        QUEUES.insert("due", "attempt_at", AN_HOUR_AGO);
        QUEUES.insertUnlogged("due, unlogged", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("below");
        assertThat(ClaimedMessage.texts(QUEUES.open()
                        .claim(100, "p_lo", "'{5}'", "p_floor", "'{1000000}'", "p_unlogged_floor", "'{1000000}'")))
                .containsExactly("due", "due, unlogged");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOtherTableServesWhatTheFirstDoesNot(boolean unloggedFirst) throws Exception {
        QUEUES.insert("logged 1");
        QUEUES.insertUnlogged("unlogged 1");
        QUEUES.insert("logged 2");
        QUEUES.insertUnlogged("unlogged 2");
        String first = unloggedFirst ? "unlogged" : "logged";
        String other = unloggedFirst ? "logged" : "unlogged";
        QueueSession session = QUEUES.open();
        String order = String.valueOf(unloggedFirst);
        List<ClaimedMessage> two = session.claim(2, "p_unlogged_first", order);
        assertThat(ClaimedMessage.texts(two)).containsExactly(first + " 1", first + " 2");
        assertThat(two).allMatch(message -> message.is(ClaimedColumn.UNLOGGED) == unloggedFirst);
        session.rollback();
        List<ClaimedMessage> three = session.claim(3, "p_unlogged_first", order);
        assertThat(ClaimedMessage.texts(three)).containsExactlyInAnyOrder(first + " 1", first + " 2", other + " 1");
        assertThat(QUEUES.open().claim(100)).hasSize(1);
    }

    /** nonBlockingRedelivery=false: the queue stands while a message backs off. */
    @ParameterizedTest
    @ValueSource(strings = {"logged", "unlogged", "grouped"})
    void aMessageThatBacksOffBlocksIfAsked(String kind) throws Exception {
        QUEUES.insert("ready");
        String[] failed = {"attempt_at", IN_AN_HOUR, "failure_count", "1"};
        switch (kind) {
            case "logged" -> QUEUES.insert("fails", failed);
            case "unlogged" -> QUEUES.insertUnlogged("fails", failed);
            default -> QUEUES.insertGrouped("group", "fails", failed);
        }
        QueueSession session = QUEUES.open();
        assertThat(session.claim(10, "p_blocking", "true")).isEmpty();
        assertThat(ClaimedMessage.texts(session.claim(10))).containsExactly("ready");
        QUEUES.outside().execute("UPDATE mq_msgs SET attempt_at = " + AN_HOUR_AGO + " WHERE payload_text = 'fails'");
        QUEUES.outside()
                .execute("UPDATE mq_msgs_unlogged SET attempt_at = " + AN_HOUR_AGO + " WHERE payload_text = 'fails'");
        assertThat(session.claim(10, "p_blocking", "true")).hasSize(2);
    }

    @Test
    void delaysAndLeasesAndWhatIsSetAsideBlockNothing() throws Exception {
        QUEUES.insert("delayed", "attempt_at", IN_AN_HOUR, "delivery_time", "1");
        QUEUES.insert("leased", "attempt_at", IN_AN_HOUR, "failure_count", "1", "lease_owner", "7", "lease_token", "1");
        QUEUES.insert("set aside", "attempt_at", "'infinity'", "failure_count", "1", "set_aside", "'broken'");
        QUEUES.insert("ready");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10, "p_blocking", "true")))
                .containsExactly("ready");
    }

    @Test
    void whatHasExpiredIsToldAndNotHidden() throws Exception {
        QUEUES.insert("expired", "expires_at", AN_HOUR_AGO);
        QUEUES.insert("expires", "expires_at", IN_AN_HOUR);
        QUEUES.insertUnlogged("expired, unlogged", "expires_at", AN_HOUR_AGO);
        QUEUES.insert("stays");
        assertThat(QUEUES.open().claim(10))
                .filteredOn(message -> message.is(ClaimedColumn.EXPIRED))
                .extracting(ClaimedMessage::text)
                .containsExactlyInAnyOrder("expired", "expired, unlogged");
    }

    /** Of a message that is too large, no more travels than that it is. */
    @Test
    void whatIsTooLargeIsToldAndStaysBehind() throws Exception {
        String hex = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 5000) i)";
        String json = "jsonb_build_object('a', " + hex + ")";
        Map<String, String> large = Map.of(
                "payload_text", "repeat('x', 1001)",
                "payload_bytes", "decode(" + hex + ", 'hex')",
                "payload_json", json,
                "properties", json,
                "property_types", json);
        for (Map.Entry<String, String> column : large.entrySet()) {
            QUEUES.insert(column.getKey());
            QUEUES.outside()
                    .execute(
                            "UPDATE mq_msgs SET correlation_id = payload_text, payload_text = NULL WHERE payload_text = '"
                                    + column.getKey() + "'; UPDATE mq_msgs SET " + column.getKey() + " = "
                                    + column.getValue()
                                    + " WHERE correlation_id = '" + column.getKey() + "'");
        }
        QUEUES.outside()
                .execute("INSERT INTO mq_payloads (id, payload_text) SELECT gen_random_uuid(), repeat('x', 1001)");
        QUEUES.insert(
                "shared",
                "payload_text",
                "NULL",
                "correlation_id",
                "'shared'",
                "payload_id",
                "(SELECT id FROM mq_payloads)");
        QUEUES.insert("small", "payload_text", "repeat('x', 1000)", "properties", "'{\"a\": 1}'");
        List<ClaimedMessage> claimed = QUEUES.open().claim(10, "p_most", "1000");
        assertThat(claimed)
                .filteredOn(message -> message.is(ClaimedColumn.LARGE))
                .extracting(message -> message.get(ClaimedColumn.CORRELATION_ID))
                .containsExactlyInAnyOrder(
                        "payload_text", "payload_bytes", "payload_json", "properties", "property_types", "shared");
        assertThat(claimed)
                .filteredOn(message -> message.is(ClaimedColumn.LARGE))
                .allSatisfy(message -> assertThat(List.of(
                                ClaimedColumn.PAYLOAD_TEXT,
                                ClaimedColumn.PAYLOAD_BYTES,
                                ClaimedColumn.PROPERTIES,
                                ClaimedColumn.PROPERTY_TYPES))
                        .allMatch(column -> message.get(column) == null));
        assertThat(claimed)
                .filteredOn(message -> !message.is(ClaimedColumn.LARGE))
                .singleElement()
                .matches(message -> message.text().length() == 1000 && message.get(ClaimedColumn.PROPERTIES) != null);
    }

    /** Behind the floors of what waits, that is looked for by itself: much that is gone may lie between it and the rest. */
    @Test
    void behindPlacesWhatWasGivenBackAtOnceComesAloneOrAfterBetterPriorities() throws Exception {
        QUEUES.insert("at once", "attempt_at", "mq_at_once()");
        QUEUES.insert("due", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("ready");
        QUEUES.insert("better", "prio_rank", "4");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> first = session.claim(10, "p_since", since(1, 0, 0, 0));
        assertThat(ClaimedMessage.texts(first)).containsExactly("better", "at once");
        assertThat(ClaimedMessage.texts(session.claim(10, "p_since", since(1, 0, 0, 0), "p_held", held(first))))
                .containsExactly("due", "ready");
    }

    /** Each kind has a place for what was given back at once, and one for the rest. */
    @ParameterizedTest
    @CsvSource({"1, logged", "4, logged", "7, unlogged", "10, unlogged", "13, grouped", "16, grouped"})
    void whatWaitsBeforeItsPlaceIsNotLookedFor(int place, String kind) throws Exception {
        String year = place % 2 == 1 ? "1970" : "2020";
        for (String text : List.of("before", "at the place", "behind", "earlier")) {
            String due = "'" + year + "-01-01 00:00:00.00000" + (text.equals("earlier") ? 4 : 5) + "+00'";
            switch (kind) {
                case "logged" -> QUEUES.insert(text, "attempt_at", due);
                case "unlogged" -> QUEUES.insertUnlogged(text, "attempt_at", due);
                default -> QUEUES.insertGrouped(text, text, "attempt_at", due);
            }
        }
        Map<String, String> row = QUEUES.row("at the place");
        long micros = Long.parseLong(QUEUES.outside()
                .values("(extract(epoch FROM " + Call.literal(row.get("attempt_at"))
                        + "::timestamptz) * 1000000)::bigint")
                .get(0));
        String since = since(place, micros, 5, QUEUES.seq("at the place"));
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10, "p_since", since)))
                .containsExactly("at the place", "behind");
        assertThat(QUEUES.outside()
                        .values("(mq_first_waiting('" + QUEUES.queue() + "', " + since + ", " + END + "))[" + place
                                + " : " + (place + 2) + "]"))
                .containsExactly("{" + micros + ",5," + QUEUES.seq("at the place") + "}");
    }

    @Test
    void aClaimChangesNothing() throws Exception {
        QUEUES.insert("ready");
        QUEUES.insert("due", "attempt_at", AN_HOUR_AGO, "delivery_count", "3");
        QUEUES.insertUnlogged("unlogged");
        List<Map<String, String>> before = List.of(QUEUES.row("ready"), QUEUES.row("due"), QUEUES.row("unlogged"));
        QueueSession session = QUEUES.open();
        assertThat(session.claim(10)).hasSize(3);
        session.commit();
        assertThat(List.of(QUEUES.row("ready"), QUEUES.row("due"), QUEUES.row("unlogged")))
                .isEqualTo(before);
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10)))
                .as("let go by the commit")
                .hasSize(3);
    }

    @Test
    void itTellsTheTransactionThatClaims() throws Exception {
        QUEUES.insert("a");
        QueueSession session = QUEUES.open();
        assertThat(session.claim(1))
                .extracting(message -> message.get(ClaimedColumn.XACT))
                .isEqualTo(session.values("pg_current_xact_id()"));
    }

    /** Places that leave out nothing, but this one. */
    private static String since(int place, long micros, int rank, long seq) {
        Long[] places = new Long[18];
        for (int i = 0; i < places.length; i++) {
            places[i] = i % 6 == 3 ? A_DAY : 0;
        }
        places[place - 1] = micros;
        places[place] = (long) rank;
        places[place + 1] = seq;
        return Call.array("bigint", (Object[]) places);
    }

    static List<ClaimedMessage> concat(List<ClaimedMessage> one, List<ClaimedMessage> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    static String held(List<ClaimedMessage> messages) {
        return Call.array("bigint", messages.stream().map(ClaimedMessage::seq).toList());
    }
}
