package io.sqlmq.integration.extras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import io.sqlmq.testing.Async;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages with the identifier of an earlier one are dropped. */
class DeduplicationTest extends IntegrationTest {

    private static final String ID = "JMS_SQLMQ_DeduplicationId";

    private static Message message(Session session, String text, String id) throws Exception {
        TextMessage message = session.createTextMessage(text);
        message.setStringProperty(ID, id);
        return message;
    }

    private void send(Session session, String text, String id) throws Exception {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            producer.send(message(session, text, id));
        }
    }

    private Session auto() throws Exception {
        return session(Session.AUTO_ACKNOWLEDGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void theSecondMessageWithAnIdentifierIsDropped(int deliveryMode) throws Exception {
        Session session = auto();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(deliveryMode);
        producer.send(message(session, "one", "1"));
        producer.send(message(session, "one again", "1"));
        producer.send(message(session, "two", "2"));
        producer.send(session.createTextMessage("none"));
        assertThat(drain(factory, queue)).containsExactly("one", "two", "none");
        producer.send(message(session, "one after it was received", "1"));
        assertThat(drain(factory, queue)).isEmpty();
    }

    @Test
    void theNameThatArtemisHasIsUnderstood() throws Exception {
        Session session = auto();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (String text : List.of("one", "one again")) {
            Message message = session.createTextMessage(text);
            message.setStringProperty("_AMQ_DUPL_ID", "1");
            producer.send(message);
        }
        assertThat(drain(factory, queue)).containsExactly("one");
    }

    @Test
    void eachQueueHasIdentifiersOfItsOwn() throws Exception {
        Session session = auto();
        send(session, "one", "1");
        session.createProducer(session.createQueue(queue + "-other")).send(message(session, "other", "1"));
        session.createProducer(session.createTopic(queue)).send(message(session, "topic", "1"));
        assertThat(drain(factory, queue)).containsExactly("one");
        assertThat(drain(factory, queue + "-other")).containsExactly("other");
    }

    @Test
    void anIdentifierIsFreeAgainAfterItsTime() throws Exception {
        SqlmqConnectionFactory brief = factory("deduplicationWindow=300");
        Session session = session(brief, Session.AUTO_ACKNOWLEDGE);
        send(session, "one", "1");
        send(session, "one again", "1");
        await().until(() ->
                number("SELECT count(*) FROM mq_dedup WHERE until > now() AND channel_name = '" + queue + "'") == 0);
        send(session, "one later", "1");
        assertThat(drain(factory, queue)).containsExactly("one", "one later");
        send(session(factory("deduplicationWindow=0"), Session.AUTO_ACKNOWLEDGE), "off", "1");
        assertThat(drain(factory, queue)).containsExactly("off");
    }

    @Test
    void identifiersWhoseTimeIsOverAreForgotten() throws Exception {
        send(auto(), "one", "1");
        send(auto(), "two", "2");
        sql("UPDATE mq_dedup SET until = now() WHERE dedup_id = '1'", "SELECT mq_sweep_dedup(1000)");
        assertThat(value("SELECT string_agg(dedup_id, ',') FROM mq_dedup WHERE channel_name = '" + queue + "'"))
                .isEqualTo("2");
    }

    @Test
    void aRolledBackSendFreesItsIdentifier() throws Exception {
        Session transacted = session(Session.SESSION_TRANSACTED);
        send(transacted, "rolled back", "1");
        SqlmqTransactions.connection(transacted); // writes
        transacted.rollback();
        send(transacted, "one", "1");
        send(transacted, "one again", "1");
        send(transacted, "two", "2");
        transacted.commit();
        send(transacted, "one once more", "1");
        transacted.commit();
        assertThat(drain(factory, queue)).containsExactly("one", "two");
    }

    @Test
    void aSendWaitsForATransactionThatMayGiveTheSameIdentifierAndHoldsUpNobodyElse() throws Exception {
        for (boolean commits : new boolean[] {true, false}) {
            String id = "while " + commits;
            Session transacted = session(Session.SESSION_TRANSACTED);
            send(transacted, "first", id);
            SqlmqTransactions.connection(transacted);
            Session second = auto();
            CompletableFuture<Boolean> waiting = Async.run(() -> send(second, "second", id));
            List<Session> others = List.of(auto(), auto(), auto());
            for (Session other : others) {
                sendIn(other, queue, "other");
            }
            assertThat(waiting).isNotDone();
            if (commits) {
                transacted.commit();
            } else {
                transacted.rollback();
            }
            assertThat(Async.get(waiting)).isTrue();
            assertThat(drain(factory, queue))
                    .containsExactlyInAnyOrder("other", "other", "other", commits ? "first" : "second");
        }
    }

    @Test
    void ofManySendersAtTheSameTimeOneSends() throws Exception {
        int threads = 6;
        int ids = 40;
        SqlmqConnectionFactory other = factory();
        List<CompletableFuture<Boolean>> senders = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            Session session = session(thread % 2 == 0 ? factory : other, Session.AUTO_ACKNOWLEDGE);
            boolean backwards = thread % 3 == 0;
            senders.add(Async.run(() -> {
                for (int i = 0; i < ids; i++) {
                    String id = Integer.toString(backwards ? ids - 1 - i : i);
                    send(session, id, id);
                }
            }));
        }
        for (CompletableFuture<Boolean> sender : senders) {
            Async.get(sender);
        }
        assertThat(drain(factory, queue)).hasSize(ids).doesNotHaveDuplicates();
    }

    @Test
    void asynchronousSendsKeepTheirOrderAndDropDuplicates() throws Exception {
        Session session = auto();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        int messages = 30;
        CountDownLatch completed = new CountDownLatch(messages);
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.countDown();
            }

            @Override
            public void onException(Message message, Exception exception) {
                throw new AssertionError(exception);
            }
        };
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            boolean repeated = i % 5 == 4;
            String text = "message " + i;
            if (!repeated || i == 4) {
                expected.add(text);
            }
            producer.send(
                    i % 3 == 0 && !repeated
                            ? session.createTextMessage(text)
                            : message(session, text, repeated ? "again" : "id " + i),
                    listener);
        }
        assertThat(completed.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(drain(factory, queue)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 10_000})
    void aTopicDropsDuplicatesForAllItsSubscriptions(int length) throws Exception {
        Session session = auto();
        MessageProducer producer = session.createProducer(session.createTopic(queue));
        producer.send(message(session, "before", "0"));
        MessageConsumer one = session.createSharedDurableConsumer(session.createTopic(queue), queue + "-durable");
        MessageConsumer two = auto().createConsumer(session.createTopic(queue));
        MessageConsumer three = auto().createConsumer(session.createTopic(queue));
        String body = "x".repeat(length);
        producer.send(message(session, "before, again", "0"));
        producer.send(message(session, body, "1"));
        producer.send(message(session, body, "1"));
        producer.send(message(session, body, "2"));
        for (MessageConsumer consumer : List.of(one, two, three)) {
            assertThat(text(receive(consumer))).isEqualTo(body);
            assertThat(text(receive(consumer))).isEqualTo(body);
            assertNothingComes(consumer);
        }
        await().until(() ->
                number("SELECT (SELECT count(*) FROM mq_payloads) + (SELECT count(*) FROM mq_payloads_unlogged)") == 0);
    }

    @Test
    void aScheduledMessageIsDroppedLikeAnyOther() throws Exception {
        Session session = auto();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        for (int i = 0; i < 2; i++) {
            Message message = message(session, "again", "1");
            message.setLongProperty("AMQ_SCHEDULED_PERIOD", 50);
            message.setIntProperty("AMQ_SCHEDULED_REPEAT", 2);
            producer.send(message);
        }
        MessageConsumer consumer = consumer(session, queue);
        for (int i = 0; i < 3; i++) {
            receive(consumer);
        }
        assertNothingComes(consumer);
    }

    @Test
    void sqlProgramsUseTheSameIdentifiers() throws Exception {
        String properties = "'{\"" + ID + "\": \"1\"}'";
        String first = value("SELECT mq_send('" + queue + "', 'one', " + properties + ")");
        assertThat(value("SELECT mq_send('" + queue + "', 'again', " + properties + ")"))
                .isEqualTo(first);
        send(auto(), "from JMS", "1");
        assertThat(drain(factory, queue)).containsExactly("one");
    }

    @Test
    void aJoinedSendReservesItsIdentifierInTheTransactionOfTheApplication() throws Exception {
        Session session = auto();
        try (Connection connection = DriverManager.getConnection(url)) {
            connection.setAutoCommit(false);
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                assertThat(joined).isNotNull();
                send(session, "rolled back", "1");
            }
            connection.rollback();
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                assertThat(joined).isNotNull();
                send(session, "one", "1");
                send(session, "one again", "1");
            }
            connection.commit();
        }
        send(session, "one once more", "1");
        assertThat(drain(factory, queue)).containsExactly("one");
    }

    @Test
    void anIdentifierMustFitIntoTheIndex() throws Exception {
        Session session = auto();
        assertThatThrownBy(() -> send(session, "one", "x".repeat(2_001)))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("2000");
        assertThatThrownBy(() -> send(session, "one", "")).isInstanceOf(MessageFormatException.class);
        send(session, "longest", "x".repeat(2_000));
        send(session, "longest again", "x".repeat(2_000));
        send(session, "odd", "\u0000\ud800'");
        send(session, "odd again", "\u0000\ud800'");
        assertThat(drain(factory, queue)).containsExactly("longest", "odd");
    }
}
