package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** mq_claim_grouped, also by mq_claim: a group is worked on in order and by one transaction at a time. */
@Timeout(60)
class GroupClaimTest {
    private static final int ME = 7;
    private static final String IN_AN_HOUR = "clock_timestamp() + interval '1 h'";
    private static final String AN_HOUR_AGO = "clock_timestamp() - interval '1 h'";

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @Test
    void aLoneConsumerGetsAllGroupsAndOthersAsTheyWereSent() throws Exception {
        List<String> sent = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            String text = "message " + i;
            sent.add(text);
            if (i % 4 == 0) {
                QUEUES.insert(text);
            } else {
                QUEUES.insertGrouped("group " + i % 4, text);
            }
        }
        QUEUES.insertGrouped("group 1", "urgent", "prio_rank", "0");
        sent.add(0, "urgent");
        List<ClaimedMessage> all = QUEUES.open().claim(20);
        assertThat(ClaimedMessage.texts(all)).containsExactlyElementsOf(sent);
        assertThat(all)
                .allMatch(message -> message.is(ClaimedColumn.GROUPED) == (message.get(ClaimedColumn.GRP) != null)
                        && !message.is(ClaimedColumn.CUT));
    }

    @Test
    void aGroupIsInOneHandUntilItsTransactionEnds() throws Exception {
        send("a", "a1", "a2");
        send("b", "b1", "b2");
        QueueSession first = QUEUES.open();
        List<ClaimedMessage> a1 = first.claimGrouped(1);
        assertThat(ClaimedMessage.texts(a1)).containsExactly("a1");
        QueueSession second = QUEUES.open();
        List<ClaimedMessage> ofB = second.claimGrouped(10);
        assertThat(ClaimedMessage.texts(ofB)).containsExactly("b1", "b2");
        assertThat(second.claimGrouped(10, "p_held", ClaimTest.held(ofB))).isEmpty();
        first.ack(a1);
        assertThat(second.claimGrouped(10, "p_held", ClaimTest.held(ofB)))
                .as("not committed")
                .isEmpty();
        first.commit();
        assertThat(ClaimedMessage.texts(second.claimGrouped(10, "p_held", ClaimTest.held(ofB))))
                .containsExactly("a2");
    }

    @Test
    void whoHasAGroupGoesOnWithIt() throws Exception {
        send("a", "a1", "a2", "a3");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> held = new ArrayList<>(session.claimGrouped(1));
        held.addAll(session.claimGrouped(1, "p_held", ClaimTest.held(held)));
        held.addAll(session.claimGrouped(1, "p_held", ClaimTest.held(held)));
        assertThat(held).extracting(ClaimedMessage::text).containsExactly("a1", "a2", "a3");
    }

    @Test
    void anotherQueueHasAnotherGroupOfTheName() throws Exception {
        send("a", "here");
        QUEUES.insertGrouped("a", "there", "channel_name", "'another queue'");
        QUEUES.open().claimGrouped(10);
        assertThat(ClaimedMessage.texts(QUEUES.open().claimGrouped(10, "p_channel", "'another queue'")))
                .containsExactly("there");
    }

    @Test
    void whatItHasWrittenItselfIsLeftOut() throws Exception {
        send("a", "a1");
        QueueSession session = QUEUES.open();
        session.values("mq_send('" + QUEUES.queue() + "', 'own', '{\"JMSXGroupID\": \"a\"}')");
        assertThat(ClaimedMessage.texts(session.claimGrouped(10, "p_own", "ARRAY[pg_current_xact_id()::xid]")))
                .containsExactly("a1");
    }

    @Test
    void aGroupWaitsForALeaseButNotForThatOfTheCaller() throws Exception {
        QUEUES.insertGrouped("a", "a1", AcknowledgeTest.leased(ME, 5));
        send("a", "a2");
        QUEUES.insertGrouped("a", "urgent", "prio_rank", "0");
        send("b", "b1");
        assertThat(ClaimedMessage.texts(QUEUES.open().claimGrouped(10))).containsExactly("b1");
        QueueSession owner = QUEUES.open();
        assertThat(ClaimedMessage.texts(owner.claimGrouped(10, "p_tokens", "'{5}'")))
                .containsExactly("urgent", "a2");
    }

    @Test
    void aLeaseThatHasRunOutComesBeforeTheRest() throws Exception {
        send("a", "a1", "a2");
        QUEUES.outside()
                .execute("UPDATE mq_msgs SET lease_owner = 8, lease_token = 1, delivery_count = 1, attempt_at = "
                        + AN_HOUR_AGO + " WHERE payload_text = 'a1'");
        assertThat(QUEUES.open().claimGrouped(10, "p_lapsed", "false"))
                .as("left to its owner")
                .isEmpty();
        assertThat(QUEUES.open().claimGrouped(10, "p_me", "8")).as("to renew").isEmpty();
        assertThat(QUEUES.open().claimGrouped(10))
                .first()
                .matches(message -> message.text().equals("a1")
                        && message.is(ClaimedColumn.SUSPECT)
                        && message.is(ClaimedColumn.LEASED));
    }

    @Test
    void groupsOfOneSlotDoNotWaitForEachOther() throws Exception {
        List<String> groups = QUEUES.outside()
                .values("grp FROM (SELECT 'group ' || i AS grp FROM generate_series(1, 100000) i) g"
                        + " WHERE mq_slot(grp) = mq_slot('group 0') ORDER BY grp LIMIT 1");
        QUEUES.insertGrouped("group 0", "leased", AcknowledgeTest.leased(8, 1));
        QUEUES.outside().execute("UPDATE mq_msgs SET attempt_at = " + AN_HOUR_AGO);
        send(groups.get(0), "ready");
        QueueSession session = QUEUES.open();
        for (String[] leaves : new String[][] {{"p_me", "8"}, {"p_lapsed", "false"}}) {
            assertThat(ClaimedMessage.texts(session.claimGrouped(10, leaves))).containsExactly("ready");
            session.rollback();
        }
        assertThat(ClaimedMessage.texts(session.claimGrouped(10))).containsExactly("leased", "ready");
    }

    @Test
    void whatComesBackDoesNotOvertakeWhatNeverLeft() throws Exception {
        send("a", "a1", "a2", "a3");
        QUEUES.outside()
                .execute("UPDATE mq_msgs SET delivery_count = 1, attempt_at = mq_at_once()"
                        + " WHERE payload_text = 'a2'");
        assertThat(ClaimedMessage.texts(QUEUES.open().claimGrouped(10))).containsExactly("a1");
    }

    @Test
    void whatIsBehindARedeliveryWaitsUnlessItMayOvertake() throws Exception {
        send("a", "a1", "a2", "a3");
        QUEUES.outside()
                .execute("UPDATE mq_msgs SET delivery_count = 1, failure_count = 1, attempt_at = " + IN_AN_HOUR
                        + " WHERE payload_text = 'a2'");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> before = session.claimGrouped(10);
        assertThat(ClaimedMessage.texts(before)).containsExactly("a1");
        session.ack(before);
        session.commit();
        assertThat(session.claimGrouped(10)).isEmpty();
        assertThat(ClaimedMessage.texts(session.claimGrouped(10, "p_overtake", "true")))
                .containsExactly("a3");
    }

    /** It takes part from when it is due. */
    @Test
    void aDelayHoldsUpNobody() throws Exception {
        QUEUES.insertGrouped("a", "delayed", "attempt_at", IN_AN_HOUR, "delivery_time", "1");
        send("a", "a1");
        QueueSession session = QUEUES.open();
        assertThat(ClaimedMessage.texts(session.claimGrouped(10))).containsExactly("a1");
        session.rollback();
        QUEUES.outside().execute("UPDATE mq_msgs SET attempt_at = " + AN_HOUR_AGO + " WHERE payload_text = 'delayed'");
        assertThat(ClaimedMessage.texts(session.claimGrouped(10))).containsExactly("delayed", "a1");
    }

    @Test
    void whatComesBackDoesSoOneByOneAndInOrder() throws Exception {
        send("a", "a1", "a2", "a3", "a4");
        QueueSession session = QUEUES.open();
        session.claimGrouped(3);
        session.giveBack(ME, Back.of(QUEUES.id("a3")), Back.of(QUEUES.id("a1")), Back.of(QUEUES.id("a2")));
        session.commit();
        for (String next : List.of("a1", "a2")) {
            List<ClaimedMessage> one = session.claimGrouped(10);
            assertThat(ClaimedMessage.texts(one)).containsExactly(next);
            session.ack(one);
            session.commit();
        }
        assertThat(ClaimedMessage.texts(session.claimGrouped(10))).containsExactly("a3", "a4");
    }

    /** What follows a row that was left behind would overtake it. */
    @Test
    void aClaimInOrderTellsThatThereMayBeMore() throws Exception {
        send("a", "a1");
        send("b", "b1");
        send("a", "a2");
        QueueSession session = QUEUES.open();
        List<ClaimedMessage> two = session.claimGrouped(2);
        assertThat(ClaimedMessage.texts(two)).containsExactly("a1", "b1");
        assertThat(two).allMatch(message -> message.is(ClaimedColumn.CUT));
        assertThat(session.claimGrouped(10, "p_held", ClaimTest.held(two)))
                .singleElement()
                .matches(message -> message.text().equals("a2") && !message.is(ClaimedColumn.CUT));
    }

    @Test
    void inNoOrderAClaimTakesTheBeginningsOfAFewGroups() throws Exception {
        for (int i = 1; i <= 3; i++) {
            for (int group = 1; group <= 10; group++) {
                QUEUES.insertGrouped("g" + group, "g" + group + " " + i);
            }
        }
        Set<String> groups = new HashSet<>();
        List<ClaimedMessage> all = new ArrayList<>();
        for (int consumer = 1; consumer <= 3; consumer++) {
            List<ClaimedMessage> some = QUEUES.open().claimGrouped(100, "p_in_order", "false");
            Set<String> ofThis = new HashSet<>();
            some.forEach(message -> ofThis.add(message.get(ClaimedColumn.GRP)));
            assertThat(ofThis).hasSizeBetween(1, 4);
            assertThat(some).hasSize(3 * ofThis.size());
            groups.addAll(ofThis);
            all.addAll(some);
        }
        assertThat(groups).as("all groups, each in one hand").hasSize(10);
        assertThat(ClaimedMessage.texts(all)).containsExactlyElementsOf(QUEUES.texts());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theLimitHoldsAndTheBeginningOfAGroupIsClaimed(boolean inOrder) throws Exception {
        send("a", "a1", "a2", "a3", "a4");
        QueueSession session = QUEUES.open();
        assertThat(ClaimedMessage.texts(session.claimGrouped(2, "p_in_order", String.valueOf(inOrder))))
                .containsExactly("a1", "a2");
    }

    @Test
    void lanesAndFloorsAreThoseOfOtherMessages() throws Exception {
        QUEUES.insertGrouped("a", "low", "prio_rank", "9");
        send("b", "below", "above");
        String floor = "'{" + QUEUES.seq("above") + "}'";
        assertThat(ClaimedMessage.texts(
                        QUEUES.open().claimGrouped(10, "p_lo", "'{5}'", "p_hi", "'{8}'", "p_floor", floor)))
                .containsExactly("above");
    }

    @Test
    void groupsAreLookedForOnlyIfTheRestIsTooLittleWhereTheCallerExpectsNone() throws Exception {
        send("a", "grouped 1", "grouped 2");
        QUEUES.insert("plain");
        QueueSession session = QUEUES.open();
        assertThat(ClaimedMessage.texts(session.claim(1, "p_grouped", "false"))).containsExactly("plain");
        session.rollback();
        assertThat(ClaimedMessage.texts(session.claim(2, "p_grouped", "false")))
                .as("as many again")
                .hasSize(3);
        session.rollback();
        assertThat(ClaimedMessage.texts(session.claim(1))).hasSize(2);
    }

    private static void send(String group, String... texts) throws Exception {
        for (String text : texts) {
            QUEUES.insertGrouped(group, text);
        }
    }
}
