package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** mq_give_back: what becomes of messages whose delivery ended without an acknowledge. */
@Timeout(60)
class GiveBackTest {
    private static final int ME = 7;
    private static final String AN_HOUR_AGO = "clock_timestamp() - interval '1 h'";

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @Test
    void deliveriesAndFailuresAreAdded() throws Exception {
        QUEUES.insert("failed", "delivery_count", "4", "failure_count", "1");
        QUEUES.insert("closed");
        QUEUES.insert("unseen");
        QUEUES.insertUnlogged("unlogged", "last_error", "'before'");
        QUEUES.insert("more than any", "delivery_count", "1000000000", "failure_count", "1000000000");
        QUEUES.insert("less than none", "delivery_count", "0");
        QueueSession session = QUEUES.open();
        session.claim(10);
        assertThat(session.giveBack(
                        ME,
                        "broken",
                        List.of(
                                back("failed").counted(1, 1),
                                back("closed").counted(1, 0),
                                back("unseen"),
                                back("unlogged").fromUnlogged().counted(2, 1),
                                back("more than any").counted(1, 1),
                                back("less than none").counted(-1, 0))))
                .isZero();
        assertThat(counts("failed")).as("before the commit").isEqualTo("4 1 null");
        session.commit();
        assertThat(counts("failed")).isEqualTo("5 2 broken");
        assertThat(counts("closed")).isEqualTo("1 0 broken");
        assertThat(counts("unseen")).isEqualTo("0 0 broken");
        assertThat(counts("unlogged")).isEqualTo("2 1 broken");
        assertThat(counts("more than any")).isEqualTo("1000000000 1000000000 broken");
        assertThat(counts("less than none")).isEqualTo("0 0 broken");
    }

    @Test
    void withoutAnErrorTheOneBeforeStays() throws Exception {
        QUEUES.insert("a", "last_error", "'before'");
        QueueSession session = QUEUES.open();
        session.claim(1);
        session.giveBack(ME, back("a").counted(1, 1));
        session.commit();
        assertThat(counts("a")).isEqualTo("1 1 before");
    }

    @Test
    void theSameDelayOfOneCallIsOverAtTheSameTime() throws Exception {
        for (String text : List.of("1", "2", "3")) {
            QUEUES.insert(text);
        }
        QUEUES.insertUnlogged("unlogged");
        QUEUES.insert("longer");
        QueueSession session = QUEUES.open();
        session.claim(10);
        session.giveBack(
                ME,
                null,
                List.of(
                        back("3").after(60_000),
                        back("longer").after(120_000),
                        back("1").after(60_000),
                        back("unlogged").fromUnlogged().after(60_000),
                        back("2").after(60_000)));
        session.commit();
        assertThat(QUEUES.outside()
                        .values("DISTINCT attempt_at FROM (SELECT * FROM mq_msgs UNION ALL"
                                + " SELECT * FROM mq_msgs_unlogged) m WHERE payload_text <> 'longer'"))
                .hasSize(1);
        assertThat(QUEUES.holds("1", "attempt_at BETWEEN now() + interval '30 s' AND now() + interval '1 min'"))
                .isTrue();
        assertThat(QUEUES.outside()
                        .values("a.attempt_at - b.attempt_at FROM mq_msgs a, mq_msgs b"
                                + " WHERE a.payload_text = 'longer' AND b.payload_text = '1'"))
                .containsExactly("00:01:00");
        assertThat(QUEUES.open().claim(10)).isEmpty();
        QUEUES.outside().execute("UPDATE mq_msgs SET attempt_at = attempt_at - interval '1 h'");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(3)))
                .as("in their order")
                .containsExactly("1", "2", "3");
    }

    @Test
    void anEndlessDelayIsAHundredYears() throws Exception {
        QUEUES.insert("a");
        QueueSession session = QUEUES.open();
        session.claim(1);
        session.giveBack(ME, back("a").after(Long.MAX_VALUE));
        session.commit();
        assertThat(QUEUES.holds("a", "attempt_at BETWEEN now() + interval '99 years' AND now() + interval '101 years'"))
                .isTrue();
    }

    /** §6.2.13: redelivery begins with the oldest message, however often and in whatever order they are given back. */
    @Test
    void whatIsGivenBackAtOnceComesBeforeEverythingAndInItsOrder() throws Exception {
        for (int i = 1; i <= 4; i++) {
            QUEUES.insert(String.valueOf(i));
        }
        QueueSession first = QUEUES.open();
        first.claim(2);
        QueueSession second = QUEUES.open();
        second.claim(2);
        second.giveBack(ME, back("4"), back("3"));
        second.commit();
        first.giveBack(ME, back("2"), back("1"));
        first.commit();
        QUEUES.insert("due", "attempt_at", AN_HOUR_AGO);
        QUEUES.insert("ready");
        QueueSession session = QUEUES.open();
        for (int round = 1; round <= 3; round++) {
            List<ClaimedMessage> three = session.claim(3);
            assertThat(ClaimedMessage.texts(three)).containsExactly("1", "2", "3");
            assertThat(three).allMatch(message -> message.is(ClaimedColumn.DUE));
            session.giveBack(ME, back("2").counted(1, 1), back("3"), back("1"));
            session.commit();
        }
        assertThat(ClaimedMessage.texts(session.claim(4))).containsExactly("1", "2", "3", "4");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10))).containsExactly("due", "ready");
    }

    /** So that floors can pass the round before, when much of it is gone. */
    @Test
    void afterANewRoundWhatComesBackFollowsWhatIsLeftOfTheLast() throws Exception {
        for (int i = 1; i <= 4; i++) {
            QUEUES.insert(String.valueOf(i));
        }
        QueueSession session = QUEUES.open();
        session.claim(4);
        session.giveBack(ME, back("2"), back("3"), back("4"));
        QUEUES.outside().values("nextval('mq_round')");
        session.giveBack(ME, back("1"));
        session.commit();
        assertThat(ClaimedMessage.texts(session.claim(3))).containsExactly("2", "3", "4");
        assertThat(QUEUES.holds("1", "attempt_at = mq_at_once() AND attempt_at < '1970-01-02 00:00+00'"))
                .isTrue();
    }

    @Test
    void aDeadLetterMovesInTheSameTransaction() throws Exception {
        QUEUES.insert("a", "delivery_count", "2", "failure_count", "2");
        QUEUES.insertUnlogged("unlogged");
        QueueSession session = QUEUES.open();
        session.claim(10);
        session.giveBack(
                ME,
                "broken",
                List.of(
                        back("a").counted(1, 1).parkedIn("DLQ", "too often"),
                        back("unlogged").fromUnlogged().counted(1, 1).parkedIn("DLQ", "too often")));
        assertThat(QUEUES.texts()).as("before the commit").hasSize(2);
        session.commit();
        assertThat(QUEUES.texts()).isEmpty();
        assertThat(QUEUES.texts("DLQ")).containsExactly("a", "unlogged");
        assertThat(QUEUES.row("a"))
                .containsEntry("table", "mq_msgs")
                .containsEntry("dead_origin", QUEUES.queue())
                .containsEntry("dead_reason", "too often")
                .containsEntry("dead_attempts", "3")
                .containsEntry("last_error", "broken")
                .containsEntry("delivery_count", "0")
                .containsEntry("failure_count", "0")
                .containsEntry("attempt_at", null);
        assertThat(QUEUES.row("unlogged")).containsEntry("table", "mq_msgs").containsEntry("dead_attempts", "1");
    }

    /** What is refused for one message is that message's matter. */
    @Test
    void whatCannotBeParkedIsSetAsideAndStopsNothing() throws Exception {
        QUEUES.outside().execute("ALTER TABLE mq_msgs ADD CHECK (dead_reason IS DISTINCT FROM 'refused')");
        QUEUES.insert("good");
        QUEUES.insert("refused");
        QUEUES.insert("other");
        QueueSession session = QUEUES.open();
        session.claim(10);
        session.giveBack(
                ME,
                back("good").counted(1, 1).parkedIn("DLQ", "too often"),
                back("refused").counted(1, 1).parkedIn("DLQ", "refused"),
                back("other").after(0));
        session.commit();
        assertThat(QUEUES.texts("DLQ")).containsExactly("good");
        assertThat(QUEUES.texts()).containsExactly("refused", "other");
        assertThat(QUEUES.row("refused").get("set_aside"))
                .startsWith("refused; it cannot be parked in DLQ")
                .contains("violates check constraint");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10))).containsExactly("other");
    }

    @Test
    void whatIsSetAsideStaysOutOfClaimsUntilItIsRetried() throws Exception {
        QUEUES.insert("a");
        QUEUES.insertUnlogged("unlogged");
        QUEUES.insertGrouped("g", "grouped 1");
        QUEUES.insertGrouped("g", "grouped 2");
        QueueSession session = QUEUES.open();
        session.claim(10);
        session.giveBack(
                ME,
                back("a").counted(1, 1).setAside("unreadable"),
                back("unlogged").fromUnlogged().setAside("unreadable"),
                back("grouped 1").setAside("unreadable"),
                back("grouped 2"));
        session.commit();
        for (String text : List.of("a", "unlogged", "grouped 1")) {
            assertThat(QUEUES.holds(text, "set_aside = 'unreadable' AND attempt_at = 'infinity' AND slot IS NULL"))
                    .as(text)
                    .isTrue();
        }
        QueueSession next = QUEUES.open();
        List<ClaimedMessage> rest = next.claim(10);
        assertThat(ClaimedMessage.texts(rest)).as("its group goes on").containsExactly("grouped 2");
        next.ack(rest);
        next.commit();
        QUEUES.insert("new");
        assertThat(QUEUES.outside().values("mq_retry_set_aside('" + QUEUES.queue() + "', '" + QUEUES.id("a") + "')"))
                .containsExactly("1");
        assertThat(QUEUES.outside().values("mq_retry_set_aside('" + QUEUES.queue() + "')"))
                .containsExactly("2");
        assertThat(ClaimedMessage.texts(QUEUES.open().claim(10)))
                .as("at the end")
                .containsExactly("new", "a", "grouped 1", "unlogged");
        assertThat(QUEUES.holds("grouped 1", "slot = mq_slot('g') AND set_aside IS NULL AND attempt_at IS NULL"))
                .isTrue();
        assertThat(counts("a")).isEqualTo("0 0 null");
    }

    @Test
    void aLeasedMessageIsGivenBackByItsToken() throws Exception {
        QUEUES.insert("mine", AcknowledgeTest.leased(ME, 1));
        QUEUES.insertUnlogged("unlogged", AcknowledgeTest.leased(ME, 1));
        QUEUES.insert("leased again", AcknowledgeTest.leased(ME, 2));
        QUEUES.insert("taken by another", AcknowledgeTest.leased(8, 1));
        String[] mine = {"mine", "leased again", "taken by another"};
        assertThat(QUEUES.outside()
                        .giveBack(
                                ME,
                                null,
                                List.of(
                                        back("unlogged").fromUnlogged().leasedBy(1),
                                        back(mine[0]).leasedBy(1),
                                        back(mine[1]).leasedBy(1),
                                        back(mine[2]).leasedBy(1))))
                .isZero();
        String free = "lease_owner IS NULL AND lease_token IS NULL AND attempt_at < now() AND delivery_count = 1";
        assertThat(QUEUES.holds("mine", free)).isTrue();
        assertThat(QUEUES.holds("unlogged", free)).isTrue();
        assertThat(QUEUES.holds("leased again", "lease_token = 2 AND attempt_at > now()"))
                .isTrue();
        assertThat(QUEUES.holds("taken by another", "lease_owner = 8 AND attempt_at > now()"))
                .isTrue();
    }

    @Test
    void whatSomebodyHasLockedIsCountedAsBusyIfItIsStillLeased() throws Exception {
        QUEUES.insert("busy", AcknowledgeTest.leased(ME, 1));
        QUEUES.insertUnlogged("busy, unlogged", AcknowledgeTest.leased(ME, 1));
        QUEUES.insert("lost", AcknowledgeTest.leased(8, 1));
        QUEUES.insert("not leased");
        QUEUES.insert("free");
        QueueSession other = QUEUES.open();
        other.values("id FROM mq_msgs WHERE payload_text <> 'free' FOR UPDATE");
        other.values("id FROM mq_msgs_unlogged FOR UPDATE");
        assertThat(QUEUES.outside()
                        .giveBack(
                                ME,
                                back("busy").leasedBy(1),
                                back("busy, unlogged").fromUnlogged().leasedBy(1),
                                back("lost").leasedBy(1),
                                back("not leased"),
                                back("free")))
                .isEqualTo(2);
        assertThat(QUEUES.holds("busy", "lease_owner = 7")).isTrue();
        assertThat(QUEUES.holds("not leased", "attempt_at IS NULL")).isTrue();
        assertThat(QUEUES.holds("free", "attempt_at = mq_at_once()")).isTrue();
    }

    @Test
    void whatIsGoneIsPassedOver() throws Exception {
        QUEUES.insert("a");
        Back gone = Back.of("00000000-0000-0000-0000-000000000001");
        assertThat(QUEUES.outside().giveBack(ME, gone, gone.leasedBy(1), gone.fromUnlogged(), back("a")))
                .isZero();
        assertThat(QUEUES.holds("a", "attempt_at = mq_at_once()")).isTrue();
    }

    /** The caller has lost it then, by a rollback to a savepoint; nobody sees a group in the middle of somebody's work. */
    @Test
    void aGroupedMessageNeedsTheLockOfItsSlot() throws Exception {
        QUEUES.insertGrouped("g", "a");
        QUEUES.insert("plain");
        QueueSession holder = QUEUES.open();
        holder.values("mq_hold_slot('" + QUEUES.queue() + "', mq_slot('g'))");
        assertThat(QUEUES.outside().giveBack(ME, back("a"), back("plain"))).isZero();
        assertThat(QUEUES.holds("a", "attempt_at IS NULL")).isTrue();
        assertThat(QUEUES.holds("plain", "attempt_at IS NOT NULL")).isTrue();
        QUEUES.outside().giveBack(ME, null, List.of(back("a").after(1000)), "p_for_holder", "true");
        assertThat(QUEUES.holds("a", "attempt_at IS NOT NULL"))
                .as("for the holder")
                .isTrue();
        holder.rollback();
        QueueSession session = QUEUES.open();
        session.giveBack(ME, back("a"));
        assertThat(holder.values("mq_hold_slot('" + QUEUES.queue() + "', mq_slot('g'))"))
                .as("it is held until the end")
                .containsExactly("f");
        session.commit();
        assertThat(QUEUES.holds("a", "attempt_at = mq_at_once()")).isTrue();
    }

    @Test
    void underALeaseTheTokenIsEnough() throws Exception {
        String[] lease = AcknowledgeTest.leased(ME, 1);
        QUEUES.insertGrouped("g", "a", lease);
        QueueSession holder = QUEUES.open();
        holder.values("mq_hold_slot('" + QUEUES.queue() + "', mq_slot('g'))");
        QUEUES.outside().giveBack(ME, back("a").leasedBy(1));
        assertThat(QUEUES.holds("a", "attempt_at = mq_at_once()")).isTrue();
    }

    private static Back back(String text) throws Exception {
        return Back.of(QUEUES.id(text));
    }

    private static String counts(String text) throws Exception {
        return QUEUES.row(text).get("delivery_count") + " " + QUEUES.row(text).get("failure_count") + " "
                + QUEUES.row(text).get("last_error");
    }
}
