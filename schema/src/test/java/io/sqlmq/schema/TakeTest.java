package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** mq_take: one message, claimed and deleted in the application's transaction. */
@Timeout(60)
class TakeTest {
    private static final String AN_HOUR_AGO = "clock_timestamp() - interval '1 h'";

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @Test
    void oneMessageAtATimeIsTakenInOrder() throws Exception {
        QUEUES.insert("due", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("ready");
        QUEUES.insertGrouped("g", "grouped");
        QUEUES.insert("high", "prio_rank", "0");
        QueueSession session = QUEUES.open();
        for (String next : List.of("high", "due", "ready", "grouped")) {
            assertThat(session.take()).extracting(ClaimedMessage::text).containsExactly(next);
        }
        assertThat(session.take()).isEmpty();
        assertThat(QUEUES.open().take()).as("others see it, but not as theirs").isEmpty();
        session.rollback();
        assertThat(QUEUES.texts()).hasSize(4);
        session.take();
        session.commit();
        assertThat(QUEUES.texts()).containsExactly("due", "ready", "grouped");
    }

    @Test
    void theUnloggedTableIsTakenFromToo() throws Exception {
        QUEUES.insertUnlogged("unlogged");
        QueueSession session = QUEUES.open();
        assertThat(session.take()).singleElement().matches(message -> message.is(ClaimedColumn.UNLOGGED));
        session.commit();
        assertThat(QUEUES.texts()).isEmpty();
    }

    @Test
    void whatTheTransactionHasSentIsNotTaken() throws Exception {
        QueueSession session = QUEUES.open();
        session.values("mq_send('" + QUEUES.queue() + "', 'own')");
        assertThat(session.take("p_own", "ARRAY[pg_current_xact_id()::xid]")).isEmpty();
        session.commit();
        assertThat(session.take()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"NULL", "'expired'"})
    void whatHasExpiredIsDeletedOrParkedOnTheWay(String parkedIn) throws Exception {
        QUEUES.insert("gone 1", "expires_at", AN_HOUR_AGO);
        QUEUES.insertUnlogged("gone 2", "expires_at", AN_HOUR_AGO);
        QUEUES.insertUnlogged("there");
        QueueSession session = QUEUES.open();
        assertThat(session.take("p_expired_to", parkedIn))
                .extracting(ClaimedMessage::text)
                .containsExactly("there");
        session.commit();
        assertThat(QUEUES.texts()).isEmpty();
        if (parkedIn.equals("NULL")) {
            assertThat(QUEUES.texts("expired")).isEmpty();
        } else {
            assertThat(QUEUES.texts("expired")).containsExactly("gone 1", "gone 2");
            assertThat(QUEUES.holds("gone 2", "dead_reason = 'expired' AND expires_at IS NULL"))
                    .isTrue();
        }
    }

    /** The lock of this transaction hides that of the one before, so it has to sign although it takes nothing. */
    @Test
    void aSuspectIsRefusedAndStaysOne() throws Exception {
        QUEUES.outside().execute("INSERT INTO mq_signatures (id, owner) VALUES (1, 1), (2, 1)");
        QUEUES.insert("a");
        QueueSession session = QUEUES.open();
        assertThat(session.take("p_signature", "1")).hasSize(1);
        session.rollback();
        assertRefused(session, "has to be counted first", "p_signature", "2");
        session.rollback();
        assertThat(session.claim(1)).singleElement().matches(message -> message.is(ClaimedColumn.SUSPECT));
    }

    @Test
    void whatIsTooLargeIsRefused() throws Exception {
        QUEUES.insert("0123456789");
        QueueSession session = QUEUES.open();
        assertRefused(session, "has to be set aside first", "p_most", "9");
        session.rollback();
        assertThat(session.take("p_most", "10")).hasSize(1);
    }

    @Test
    void whatHasLostItsSharedBodyIsRefused() throws Exception {
        QUEUES.insert("a", "payload_text", "NULL", "payload_id", "gen_random_uuid()");
        assertRefused(QUEUES.open(), "has to be parked first");
    }

    @Test
    void inATransactionWithOneSnapshotNothingCanBeTaken() throws Exception {
        QUEUES.insert("a");
        QueueSession session = QUEUES.open();
        session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(session::take)
                .matches(e -> "MQ003".equals(e.getSQLState()))
                .withMessageContaining("READ COMMITTED");
        session.rollback();
        assertThat(session.take()).hasSize(1);
    }

    private static void assertRefused(QueueSession session, String why, String... arguments) {
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> session.take(arguments))
                .matches(e -> "MQ002".equals(e.getSQLState()))
                .withMessageContaining(why);
    }
}
