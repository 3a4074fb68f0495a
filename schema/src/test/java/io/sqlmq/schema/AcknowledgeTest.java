package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** mq_ack, of what the transaction has locked, and mq_ack_ids, of what is leased or was left over. */
@Timeout(60)
class AcknowledgeTest {
    private static final int ME = 7;

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @Test
    void whatIsAcknowledgedIsDeletedFromItsTable() throws Exception {
        QUEUES.insert("a");
        QUEUES.insert("stays");
        QUEUES.insertUnlogged("unlogged");
        QUEUES.insertUnlogged("unlogged, stays");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> done = session.claim(10).stream()
                .filter(message -> !message.text().contains("stays"))
                .toList();
        assertThat(session.ack(done)).isEqualTo(2);
        assertThat(QUEUES.texts()).as("before the commit").hasSize(4);
        session.commit();
        assertThat(QUEUES.texts()).containsExactly("stays", "unlogged, stays");
    }

    @Test
    void nothingIsAlsoAcknowledged() throws Exception {
        assertThat(QUEUES.open().ack(List.of())).isZero();
    }

    @Test
    void aRollbackBringsItBack() throws Exception {
        QUEUES.insert("a");
        QueueSession session = QUEUES.open();
        session.ack(session.claim(1));
        session.rollback();
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(1))).containsExactly("a");
    }

    /** The application rolled back to a savepoint from before the claim; another consumer was quicker then. */
    @Test
    void whatIsNotHeldAnyMoreIsAnError() throws Exception {
        QUEUES.insert("held");
        QUEUES.insertUnlogged("lost");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> held = session.claim(1);
        session.execute("SAVEPOINT before");
        List<ClaimedMessage> both = ClaimTest.concat(held, session.claim(1, "p_held", ClaimTest.held(held)));
        session.execute("ROLLBACK TO before");
        QueueSession other = QUEUES.open();
        assertThat(other.ack(other.claim(1))).isEqualTo(1);
        other.commit();
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> session.ack(both))
                .withMessageContaining("1 of 2 acknowledged messages are not held")
                .matches(e -> "MQ001".equals(e.getSQLState()));
        session.rollback();
        assertThat(QUEUES.texts()).containsExactly("held");
    }

    /** Where the table is distributed by queue, a ctid alone would be that of a row in each part. */
    @Test
    void whatIsOfAnotherQueueIsNotTouched() throws Exception {
        QUEUES.insert("other", "channel_name", "'another queue'");
        QUEUES.insertUnlogged("other, unlogged", "channel_name", "'another queue'");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> others = session.claim(10, "p_channel", "'another queue'");
        assertThat(others).hasSize(2);
        assertThat(session.lease(others, ME, 1, 1000)).isZero();
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> session.ack(others))
                .withMessageContaining("2 of 2 acknowledged messages are not held");
    }

    @Test
    void onlyARelaxedCommitDoesNotWaitForTheDisk() throws Exception {
        QUEUES.insert("a");
        QUEUES.insert("b");
        QueueSession session = QUEUES.open();
        session.execute("SET synchronous_commit = on");
        session.commit();
        session.ack(session.claim(1));
        assertThat(session.values("current_setting('synchronous_commit')")).containsExactly("on");
        session.commit();
        session.ack(session.claim(1), true);
        assertThat(session.values("current_setting('synchronous_commit')")).containsExactly("off");
        session.commit();
        assertThat(session.values("current_setting('synchronous_commit')")).containsExactly("on");
    }

    @Test
    void aLeasedMessageIsAcknowledgedByTheTokenOfItsLease() throws Exception {
        String mine = QUEUES.insert("mine", leased(ME, 1));
        String unlogged = QUEUES.insertUnlogged("unlogged", leased(ME, 2));
        String taken = QUEUES.insert("taken by another", leased(8, 1));
        String again = QUEUES.insert("leased again", leased(ME, 4));
        String ended = QUEUES.insert("ended");
        String none = UUID.randomUUID().toString();
        List<String> all = List.of(mine, unlogged, taken, again, ended, none);
        assertThat(QUEUES.outside().ackIds(ME, all, 1L, 2L, 1L, 3L, 1L, 1L))
                .containsExactlyInAnyOrderEntriesOf(Map.of(taken, false, again, false, ended, false, none, false));
        assertThat(QUEUES.texts()).containsExactly("taken by another", "leased again", "ended");
    }

    @Test
    void withoutATokenItIsAcknowledgedWhoeverHasIt() throws Exception {
        String ready = QUEUES.insert("ready");
        String unlogged = QUEUES.insertUnlogged("unlogged");
        assertThat(QUEUES.outside().ackIds(ME, List.of(ready, unlogged), null, null))
                .isEmpty();
        assertThat(QUEUES.texts()).isEmpty();
    }

    @Test
    void theSameIdInAnotherQueueIsAnotherMessage() throws Exception {
        String id = QUEUES.insert("mine");
        QUEUES.insert("other", "channel_name", "'another queue'", "id", Call.literal(id));
        QUEUES.insertUnlogged("other, unlogged", "channel_name", "'a third queue'", "id", Call.literal(id));
        assertThat(QUEUES.outside().ackIds(ME, List.of(id), (Long) null)).isEmpty();
        assertThat(QUEUES.outside()
                        .values("payload_text FROM mq_msgs UNION ALL SELECT payload_text FROM mq_msgs_unlogged"))
                .containsExactly("other", "other, unlogged");
    }

    @Test
    void whatSomebodyHasLockedIsBusyAndNotWaitedFor() throws Exception {
        String leased = QUEUES.insert("leased", leased(ME, 1));
        String unlogged = QUEUES.insertUnlogged("unlogged", leased(ME, 1));
        String lost = QUEUES.insert("lost", leased(8, 1));
        QueueSession other = QUEUES.open();
        other.values("id FROM mq_msgs FOR UPDATE");
        other.values("id FROM mq_msgs_unlogged FOR UPDATE");
        List<String> all = List.of(leased, unlogged, lost);
        assertThat(QUEUES.outside().ackIds(ME, all, 1L, 1L, 1L))
                .containsExactlyInAnyOrderEntriesOf(Map.of(leased, true, unlogged, true, lost, false));
        other.rollback();
        assertThat(QUEUES.outside().ackIds(ME, all, 1L, 1L, 1L)).containsOnly(Map.entry(lost, false));
    }

    static String[] leased(int owner, long token) {
        return new String[] {
            "attempt_at",
            "clock_timestamp() + interval '1 h'",
            "lease_owner",
            String.valueOf(owner),
            "lease_token",
            String.valueOf(token),
            "delivery_count",
            "1"
        };
    }
}
