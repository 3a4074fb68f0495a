package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** mq_lease and mq_renew, and what claims do with what is or was leased. */
@Timeout(60)
class LeaseTest {
    private static final int ME = 7;
    private static final int OTHER = 8;
    private static final String RUN_OUT = "clock_timestamp() - interval '1 h'";
    private static final String RUNS = "clock_timestamp() + interval '1 h'";

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @Test
    void aLeaseKeepsAMessageAndCountsTheDelivery() throws Exception {
        QUEUES.insert("a", "delivery_count", "2", "failure_count", "1");
        QUEUES.insertUnlogged("unlogged");
        QUEUES.insert("not leased");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> two = session.claim(10).stream()
                .filter(message -> !message.text().startsWith("not"))
                .toList();
        assertThat(session.lease(two, ME, 5, 3_600_000)).isEqualTo(2);
        session.commit();
        String lease =
                "lease_owner = 7 AND lease_token = 5 AND attempt_at BETWEEN now() + interval '50 min' AND " + RUNS;
        assertThat(QUEUES.holds("a", lease + " AND delivery_count = 3 AND failure_count = 1"))
                .isTrue();
        assertThat(QUEUES.holds("unlogged", lease + " AND delivery_count = 1")).isTrue();
        assertThat(QUEUES.holds("not leased", "lease_owner IS NULL AND attempt_at IS NULL AND delivery_count = 0"))
                .isTrue();
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10))).containsExactly("not leased");
    }

    @Test
    void leasesAreWrittenForWhatIsThereAndCounted() throws Exception {
        QUEUES.insert("a", "delivery_count", "1000000000");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> claimed = session.claim(1);
        assertThat(session.lease(claimed, ME, 5, 1000)).isEqualTo(1);
        assertThat(session.lease(claimed, ME, 6, 1000))
                .as("the row has moved on")
                .isZero();
        session.commit();
        assertThat(QUEUES.holds("a", "delivery_count = 1000000000 AND lease_token = 5"))
                .isTrue();
    }

    /** Of a lease there is all or nothing, and only what is set aside waits for ever; in a group as everywhere. */
    @ParameterizedTest
    @ValueSource(strings = {"persistent", "grouped", "unlogged"})
    void noRowHasHalfALease(String kind) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (String owner : List.of("NULL", "-1", "7")) {
            for (String token : List.of("NULL", "5")) {
                for (String until : List.of("NULL", RUN_OUT, RUNS, "'infinity'")) {
                    for (String aside : List.of("NULL", "'unreadable'")) {
                        boolean allowed = aside.equals("NULL") != until.equals("'infinity'")
                                && (owner.equals("NULL") || (!token.equals("NULL") && !until.equals("NULL")));
                        String[] row = {
                            "lease_owner", owner, "lease_token", token, "attempt_at", until, "set_aside", aside
                        };
                        if (isTaken(kind, row) != allowed) {
                            wrong.add(String.join(" ", row));
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean isTaken(String kind, String... row) throws SQLException {
        try {
            switch (kind) {
                case "grouped" -> QUEUES.insertGrouped("g", "a", row);
                case "unlogged" -> QUEUES.insertUnlogged("a", row);
                default -> QUEUES.insert("a", row);
            }
            return true;
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("mq_msgs_check");
            return false;
        }
    }

    @Test
    void aLeaseThatHasRunOutIsTakenByOthersAndSuspect() throws Exception {
        insertLeased("mine", ME, 1, RUN_OUT);
        insertLeased("of another", OTHER, 1, RUN_OUT);
        insertLeased("runs", OTHER, 1, RUNS);
        QUEUES.insertUnlogged("unlogged", "attempt_at", RUN_OUT, "lease_owner", "8", "lease_token", "1");
        QUEUES.insertUnlogged("unlogged, mine", "attempt_at", RUN_OUT, "lease_owner", "7", "lease_token", "1");
        List<ClaimedMessage> claimed = QUEUES.open().claim(10, "p_me", String.valueOf(ME));
        assertThat(ClaimedMessage.texts(claimed)).containsExactly("of another", "unlogged");
        assertThat(claimed)
                .allMatch(message -> message.is(ClaimedColumn.LEASED)
                        && message.is(ClaimedColumn.SUSPECT)
                        && message.is(ClaimedColumn.DUE));
    }

    /** After an outage, all leases have run out. */
    @Test
    void whatHasRunOutCanBeLeftToItsOwnerButNotWhatWasEnded() throws Exception {
        insertLeased("run out", OTHER, 1, RUN_OUT);
        insertLeased("ended", OTHER, 1, "mq_at_once()");
        insertLeased("ended, mine", ME, 1, "mq_at_once()");
        QUEUES.insert("due", "attempt_at", RUN_OUT);
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10, "p_me", String.valueOf(ME), "p_lapsed", "false")))
                .containsExactly("ended", "due");
    }

    @Test
    void renewingKeepsWhatIsHeldAlsoIfItHasRunOut() throws Exception {
        String runs = insertLeased("runs", ME, 1, RUNS);
        String ranOut = insertLeased("ran out", ME, 2, RUN_OUT);
        String unlogged =
                QUEUES.insertUnlogged("unlogged", "attempt_at", RUN_OUT, "lease_owner", "7", "lease_token", "3");
        String lost = insertLeased("lost", OTHER, 4, RUN_OUT);
        assertThat(QUEUES.outside()
                        .renew(ME, 7_200_000, List.of(runs, ranOut, unlogged, lost), List.of(1L, 2L, 3L, 4L)))
                .isEmpty();
        for (String text : List.of("runs", "ran out", "unlogged")) {
            assertThat(QUEUES.holds(text, "lease_owner = 7 AND attempt_at > now() + interval '90 min'"))
                    .as(text)
                    .isTrue();
        }
        assertThat(QUEUES.holds("lost", "attempt_at < now() AND lease_owner = 8"))
                .isTrue();
    }

    @Test
    void whatIsLeasedButNotHeldIsLetGo() throws Exception {
        String held = insertLeased("held", ME, 1, RUNS);
        insertLeased("not known", ME, 2, RUNS);
        QUEUES.insertUnlogged("unlogged", "attempt_at", RUNS, "lease_owner", "7", "lease_token", "3");
        insertLeased("of another", OTHER, 3, RUNS);
        insertLeased("held by another token", ME, 4, RUNS);
        assertThat(QUEUES.outside().renew(ME, 1000, List.of(held, QUEUES.id("held by another token")), List.of(1L, 9L)))
                .containsOnly(QUEUES.queue())
                .hasSize(3);
        for (String text : List.of("not known", "unlogged", "held by another token")) {
            assertThat(QUEUES.holds(text, "lease_owner IS NULL AND lease_token IS NULL AND attempt_at = mq_at_once()"))
                    .as(text)
                    .isTrue();
        }
        assertThat(QUEUES.holds("held", "lease_owner = 7")).isTrue();
        assertThat(QUEUES.holds("of another", "lease_owner = 8")).isTrue();
    }

    /** What is just being written or ended, and what is of a process that had the number before. */
    @Test
    void whatIsTooNewOrTooOldOrBusyIsLeftAlone() throws Exception {
        for (int token = 1; token <= 5; token++) {
            insertLeased("token " + token, ME, token, RUNS);
        }
        assertThat(QUEUES.outside()
                        .renew(ME, 1000, List.of(), List.of(), "p_first", "2", "p_last", "4", "p_busy", "'{3}'"))
                .hasSize(2);
        assertThat(QUEUES.outside().values("payload_text FROM mq_msgs WHERE lease_owner = 7 ORDER BY seq"))
                .containsExactly("token 1", "token 3", "token 5");
        QUEUES.outside().renew(ME, 7_200_000, List.of(QUEUES.id("token 5")), List.of(6L), "p_last", "4");
        assertThat(QUEUES.holds("token 5", "attempt_at < " + RUNS))
                .as("not renewed by another token")
                .isTrue();
    }

    @Test
    void renewingDoesNotWaitForWhatSomebodyHasLocked() throws Exception {
        String locked = insertLeased("locked", ME, 1, RUN_OUT);
        String free = insertLeased("free", ME, 2, RUN_OUT);
        insertLeased("locked, not known", ME, 3, RUN_OUT);
        QueueSession other = QUEUES.open();
        other.values("id FROM mq_msgs WHERE payload_text LIKE 'locked%' FOR UPDATE");
        assertThat(QUEUES.outside().renew(ME, 3_600_000, List.of(locked, free), List.of(1L, 2L)))
                .isEmpty();
        assertThat(QUEUES.holds("free", "attempt_at > now()")).isTrue();
        assertThat(QUEUES.holds("locked", "attempt_at < now() AND lease_owner = 7"))
                .isTrue();
        other.rollback();
        assertThat(QUEUES.outside().renew(ME, 3_600_000, List.of(locked, free), List.of(1L, 2L)))
                .hasSize(1);
        assertThat(QUEUES.holds("locked", "attempt_at > now()")).isTrue();
    }

    private static String insertLeased(String text, int owner, long token, String end) throws Exception {
        return QUEUES.insert(
                text,
                "attempt_at",
                end,
                "lease_owner",
                String.valueOf(owner),
                "lease_token",
                String.valueOf(token),
                "delivery_count",
                "1");
    }
}
