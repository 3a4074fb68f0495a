package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.integration.KeptConnection;
import io.sqlmq.jms.MessagePage;
import io.sqlmq.jms.MessagePart;
import io.sqlmq.jms.MessageQuery;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.StoredBody;
import io.sqlmq.jms.StoredMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SqlmqAdmin pages through queues whatever the state of their messages, and changes what a selector selects. */
class MessagePagesTest extends IntegrationTest {
    private SqlmqAdmin admin;
    private String other;

    @BeforeEach
    void administers() {
        admin = factory.admin();
        other = queue + "-other";
    }

    /** 0 to n - 1: with number n, of every kind of row; every third not persistent, others in a group. */
    private void sendNumbered(int n, long delay) throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryDelay(delay);
        for (int i = 0; i < n; i++) {
            Message message = session.createTextMessage("body " + i);
            message.setIntProperty("number", i);
            if (i % 3 == 1) {
                message.setStringProperty("JMSXGroupID", "g" + i % 2);
            }
            producer.send(message, i % 3 == 0 ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT, i % 10, 0);
        }
        session.commit();
    }

    private List<StoredMessage> all(MessageQuery query) throws Exception {
        List<StoredMessage> all = new ArrayList<>();
        MessagePage page = admin.messages(query);
        all.addAll(page.messages());
        while (page.next() != null) {
            page = admin.messages(query.after(page.next()));
            assertThat(page.messages()).hasSizeLessThanOrEqualTo(query.limit());
            all.addAll(page.messages());
        }
        return all;
    }

    @Test
    void pagesHaveEachMessageOnceInTheOrderOfDelivery() throws Exception {
        sendNumbered(50, 0);
        List<StoredMessage> all = all(MessageQuery.of(queue).limit(7));
        assertThat(all)
                .hasSize(50)
                .allMatch(m -> m.state().equals("ready") && m.queue().equals(queue));
        assertThat(all).extracting(StoredMessage::id).doesNotHaveDuplicates();
        assertThat(all).extracting(m -> -m.priority()).isSorted();
        assertThat(all).filteredOn(StoredMessage::persistent).hasSize(33);
        assertThat(all(MessageQuery.of(queue).limit(50))).isEqualTo(all);
        assertThat(all(MessageQuery.of(queue).part(MessagePart.WAITING))).isEmpty();
    }

    @Test
    void whatWaitsIsAPartOfItsOwn() throws Exception {
        sendNumbered(20, 3_600_000);
        List<StoredMessage> all =
                all(MessageQuery.of(queue).part(MessagePart.WAITING).limit(3));
        assertThat(all).hasSize(20).allMatch(m -> m.state().equals("delayed") && m.dueAt() != null);
        assertThat(all).extracting(StoredMessage::dueAt).isSorted();
        assertThat(all(MessageQuery.of(queue))).isEmpty();
    }

    @Test
    void selectorsAndTextsFindMessages() throws Exception {
        sendNumbered(30, 0);
        assertThat(all(MessageQuery.of(queue)
                        .selector("number >= 10 AND number < 15")
                        .limit(2)))
                .hasSize(5);
        assertThat(all(MessageQuery.of(queue).selector("JMSDeliveryMode = 'NON_PERSISTENT'")))
                .hasSize(10);
        assertThat(all(MessageQuery.of(queue).text("BODY 7"))).hasSize(1);
        assertThat(all(MessageQuery.of(queue).text("body 1").selector("number > 15")))
                .hasSize(4);
        assertThatThrownBy(() -> admin.messages(MessageQuery.of(queue).selector("=")))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> admin.messages(MessageQuery.of(queue).after("x")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSearchEndsAfterSoManyMessagesAndGoesOnThere() throws Exception {
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                + "', 'text ' || i FROM generate_series(1, 12000) i");
        MessagePage page = admin.messages(MessageQuery.of(queue).text("text 11999"));
        assertThat(page.messages()).isEmpty();
        assertThat(page.searched()).isEqualTo(5_000);
        assertThat(all(MessageQuery.of(queue).text("text 11999"))).hasSize(1);
        assertThat(admin.removeMatching(queue, null)).isEqualTo(12_000);
    }

    /** Also where nearly all of the table is one queue, for which the planner would rather read all of it. */
    @Test
    void aPageIsReadByAnIndex() throws Exception {
        sql(
                "INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                        + "', i::text FROM generate_series(1, 20000) i",
                "ANALYZE mq_msgs");
        for (String page : List.of(
                "attempt_at IS NULL AND slot IS NULL AND (prio_rank, seq) > (-1::smallint, 0) ORDER BY prio_rank, seq",
                "attempt_at IS NULL AND slot IS NOT NULL AND (prio_rank, seq) > (-1::smallint, 0) ORDER BY prio_rank, seq",
                "attempt_at IS NOT NULL AND attempt_at < 'infinity'::timestamptz AND slot IS NULL"
                        + " AND (attempt_at, prio_rank, seq) > (now(), 0::smallint, 0) ORDER BY attempt_at, prio_rank, seq",
                "set_aside IS NOT NULL AND seq > 0 ORDER BY seq")) {
            String explained = String.join(
                    "\n",
                    KeptConnection.ask(
                            url,
                            "EXPLAIN (COSTS OFF) SELECT id, locked, properties FROM mq_rows WHERE channel_name = '"
                                    + queue + "' AND " + page + " LIMIT 51"));
            assertThat(explained).as(page).contains("Index Scan").doesNotContain("Seq Scan", "->  Sort", "Bitmap");
        }
    }

    @Test
    void aMessageAndItsBodyAreFoundById() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        Message text = session.createTextMessage("a text");
        text.setJMSCorrelationID("c");
        text.setJMSType("t");
        producer.send(text);
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeBytes(new byte[] {1, 2, 3});
        producer.send(bytes);
        StoredMessage found = admin.message(text.getJMSMessageID());
        assertThat(found)
                .returns(text.getJMSMessageID(), StoredMessage::messageId)
                .returns("c", StoredMessage::correlationId)
                .returns("t", StoredMessage::type)
                .returns("text", StoredMessage::bodyType);
        assertThat(admin.body(found.id(), 3)).returns("a t", StoredBody::text).returns(6L, StoredBody::length);
        assertThat(admin.body(bytes.getJMSMessageID(), 10).bytes()).containsExactly(1, 2, 3);
        admin.purge(queue);
        assertThat(admin.message(found.id())).isNull();
        assertThat(admin.body(found.id(), 10)).isNull();
    }

    @Test
    void whatASelectorSelectsIsMovedCopiedAndRemovedInEveryState() throws Exception {
        sendNumbered(20, 0);
        sendNumbered(20, 3_600_000);
        String first = all(MessageQuery.of(queue).limit(1)).get(0).id();
        assertThat(admin.move(queue, other, first)).isTrue();
        assertThat(admin.move(queue, other, first)).isFalse();
        assertThat(admin.move(other, queue, first)).isTrue();
        assertThat(admin.copyMatching(queue, other, "number < 3")).isEqualTo(3);
        assertThat(admin.moveMatching(queue, other, "number < 5")).isEqualTo(10);
        assertThat(admin.removeMatching(queue, "number BETWEEN 5 AND 9")).isEqualTo(10);
        assertThat(admin.count(queue)).isEqualTo(20);
        assertThat(admin.count(other)).isEqualTo(13);
        List<StoredMessage> there = all(MessageQuery.of(other));
        there.addAll(all(MessageQuery.of(other).part(MessagePart.WAITING)));
        assertThat(there)
                .hasSize(13)
                .filteredOn(m -> m.state().equals("delayed"))
                .hasSize(5);
        assertThat(admin.removeMatching(queue, " ")).isEqualTo(20);
        assertThatThrownBy(() -> admin.removeMatching(queue, "number <")).isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void whatAConsumerHasStays() throws Exception {
        sendNumbered(3, 0);
        Session session = session(Session.SESSION_TRANSACTED);
        Message taken = receive(consumer(session, queue));
        StoredMessage seen = admin.message(taken.getJMSMessageID());
        assertThat(seen.state()).isEqualTo("in flight");
        assertThat(admin.removeMatching(queue, "number < 3")).isLessThan(3);
        session.commit();
        assertThat(admin.message(taken.getJMSMessageID())).isNull();
    }

    @Test
    void deadLettersThatASelectorSelectsGoBack() throws Exception {
        for (String origin : List.of(queue, other)) {
            sql(
                    "INSERT INTO mq_msgs (id, channel_name, properties, dead_origin, dead_reason, dead_at, last_error) SELECT"
                            + " gen_random_uuid(), 'DLQ', jsonb_build_object('number', i, 'JMS_SQLMQ_DeadLetterOrigin', '"
                            + origin
                            + "'), '" + origin + "', 'failed', now(), 'because' FROM generate_series(1, 3) i");
        }
        StoredMessage letter =
                all(MessageQuery.of("DLQ").selector("number = 2")).get(0);
        assertThat(letter.deadLetter()).isNotNull();
        assertThat(letter.error()).isEqualTo("because");
        assertThat(admin.retryMatching("DLQ", "number = 2")).isEqualTo(2);
        assertThat(admin.count(queue)).isEqualTo(1);
        assertThat(admin.retryMatching("DLQ", "JMS_SQLMQ_DeadLetterOrigin = '" + queue + "'"))
                .isEqualTo(2);
        assertThat(admin.count(queue)).isEqualTo(3);
        assertThat(admin.retryMatching("DLQ", null)).isEqualTo(2);
        assertThat(admin.count("DLQ")).isZero();
    }
}
