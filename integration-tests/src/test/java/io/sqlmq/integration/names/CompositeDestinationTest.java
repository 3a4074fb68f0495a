package io.sqlmq.integration.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqQueue;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Several destinations in one name. */
class CompositeDestinationTest extends IntegrationTest {
    private final String a = queue + ".a";
    private final String b = queue + ".b";
    private final String topic = queue + ".topic";

    @Test
    void aSendGoesToAll() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer subscriber = session.createConsumer(session.createTopic(topic));
        Queue all = session.createQueue(a + ", queue://" + b + ",topic://" + topic);
        TextMessage sent = session.createTextMessage("m");
        session.createProducer(all).send(sent);
        assertThat(sent.getJMSDestination()).isEqualTo(all);
        Message atA = receive(consumer(session, a));
        Message atB = receive(consumer(session, b));
        Message atTopic = receive(subscriber);
        // §3.4.1: where it was sent to; §3.4.3: it is one message.
        assertThat(atA.getJMSDestination()).hasToString("queue://" + a);
        assertThat(atB.getJMSDestination()).hasToString("queue://" + b);
        assertThat(atTopic.getJMSDestination()).hasToString("topic://" + topic);
        for (Message received : List.of(atA, atB, atTopic)) {
            assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
            assertThat(text(received)).isEqualTo("m");
        }
        assertNothingComes(subscriber);
    }

    @Test
    void whatIsThereTwiceIsSentOnce() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        sendIn(session, a + "," + b + ",queue://" + a, "m");
        assertThat(drain(factory, a)).containsExactly("m");
        assertThat(drain(factory, b)).containsExactly("m");
    }

    @Test
    void aTransactionHasAllOrNone() throws JMSException {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer subscriber = session(Session.AUTO_ACKNOWLEDGE).createConsumer(session.createTopic(topic));
        String all = a + "," + b + ",topic://" + topic;
        sendIn(session, all, "undone");
        session.rollback();
        sendIn(session, all, "done");
        session.commit();
        assertThat(drain(factory, a)).containsExactly("done");
        assertThat(drain(factory, b)).containsExactly("done");
        assertThat(text(receive(subscriber))).isEqualTo("done");
    }

    @Test
    void aSendOutsideOfTransactionsHasAllOrNone() throws JMSException {
        send("there"); // so that the tables are
        sql(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE EXCEPTION 'refused'; END $$",
                "CREATE TRIGGER refuse BEFORE INSERT ON mq_msgs FOR EACH ROW WHEN (NEW.channel_name = '" + b
                        + "') EXECUTE FUNCTION refuse()");
        try {
            Session session = session(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer subscriber = session.createConsumer(session.createTopic(topic));
            for (String all : List.of(a + "," + b, a + "," + b + ",topic://" + topic)) {
                assertThatThrownBy(() -> sendIn(session, all, "m")).isInstanceOf(JMSException.class);
            }
            assertThat(drain(factory, a)).isEmpty();
            assertNothingComes(subscriber);
        } finally {
            sql("DROP TRIGGER refuse ON mq_msgs", "DROP FUNCTION refuse()");
        }
    }

    @Test
    void newSubscriptionsGetWhatIsSentToQueuesToo() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Session elsewhere = session(factory(), Session.AUTO_ACKNOWLEDGE);
        Queue all = session.createQueue(a + ",topic://" + topic);
        MessageProducer producer = session.createProducer(all);
        List<MessageConsumer> subscribers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            subscribers.add(elsewhere.createConsumer(elsewhere.createTopic(topic)));
            producer.send(session.createTextMessage("m" + i));
            for (MessageConsumer subscriber : subscribers) {
                assertThat(text(receive(subscriber))).isEqualTo("m" + i);
            }
        }
        assertThat(drain(factory, a)).containsExactly("m0", "m1", "m2", "m3", "m4");
    }

    @Test
    void asynchronousSendsKeepTheirOrder() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer subscriber = session(Session.AUTO_ACKNOWLEDGE).createConsumer(session.createTopic(topic));
        MessageProducer producer = session.createProducer(session.createQueue(a + ",topic://" + topic));
        List<CompletableFuture<Message>> completions = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            CompletableFuture<Message> completion = new CompletableFuture<>();
            completions.add(completion);
            producer.send(session.createTextMessage("m" + i), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    completion.complete(message);
                }

                @Override
                public void onException(Message message, Exception exception) {
                    completion.completeExceptionally(exception);
                }
            });
        }
        for (CompletableFuture<Message> completion : completions) {
            completion.get(SOON, TimeUnit.MILLISECONDS);
        }
        List<String> fromQueue = drain(factory, a);
        for (int i = 0; i < 30; i++) {
            assertThat(fromQueue.get(i)).isEqualTo("m" + i);
            assertThat(text(receive(subscriber))).isEqualTo("m" + i);
        }
    }

    @Test
    void unpersistentMessagesGoToAll() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(a + "," + b));
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.send(session.createTextMessage("m"));
        assertThat(drain(factory, a)).containsExactly("m");
        assertThat(drain(factory, b)).containsExactly("m");
    }

    @Test
    void aConsumerTakesFromAllQueues() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer both = consumer(session, a + "," + b);
        Set<String> seen = new HashSet<>();
        send(factory, a, "a1", "a2");
        send(factory, b, "b1");
        for (int i = 0; i < 3; i++) {
            Message message = receive(both);
            seen.add(text(message) + message.getJMSDestination());
        }
        assertThat(seen).containsExactlyInAnyOrder("a1queue://" + a, "a2queue://" + a, "b1queue://" + b);
        assertNothingComes(both);
        send(factory, b, "b2");
        assertThat(text(both.receiveNoWait())).isEqualTo("b2");
        assertThat(both.receiveNoWait()).isNull();
    }

    @Test
    void aWaitingConsumerIsWokenByEachQueue() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer both = consumer(session, a + "," + b);
        Session elsewhere = session(factory(), Session.AUTO_ACKNOWLEDGE);
        for (String name : List.of(a, b, b, a)) {
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return text(receive(both));
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            });
            sendIn(elsewhere, name, "to " + name);
            assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("to " + name);
        }
    }

    @Test
    void aListenerHearsOfAllQueues() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        List<String> seen = new CopyOnWriteArrayList<>();
        consumer(session, a + "," + b).setMessageListener(message -> {
            try {
                seen.add(message.getBody(String.class));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        for (int i = 0; i < 10; i++) {
            send(factory, i % 2 == 0 ? a : b, "m" + i);
            int count = i + 1;
            await().atMost(SOON, TimeUnit.MILLISECONDS)
                    .untilAsserted(() -> assertThat(seen).hasSize(count));
        }
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void competingConsumersShareWhatIsInAllQueues() throws Exception {
        List<String> seen = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> receiving = new ArrayList<>();
        int count = 300;
        for (int i = 0; i < 3; i++) {
            Session session = session(i == 0 ? factory() : factory, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = consumer(session, i == 2 ? b + "," + a : a + "," + b);
            receiving.add(CompletableFuture.runAsync(() -> {
                try {
                    while (seen.size() < count) {
                        Message message = consumer.receive(20);
                        if (message != null) {
                            seen.add(text(message));
                        }
                    }
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        Session sender = session(factory(), Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < count; i++) {
            sendIn(sender, i % 3 == 0 ? a : b, "m" + i);
        }
        for (CompletableFuture<Void> each : receiving) {
            each.get(3 * SOON, TimeUnit.MILLISECONDS);
        }
        assertThat(seen).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void aTransactionOverAllQueuesIsUndoneAsOne() throws JMSException {
        send(factory, a, "a");
        send(factory, b, "b");
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer both = consumer(session, a + "," + b);
        assertThat(two(both)).containsExactlyInAnyOrder("a", "b");
        session.rollback();
        assertThat(two(both)).containsExactlyInAnyOrder("a", "b");
        session.commit();
        assertThat(drain(factory, a)).isEmpty();
        assertThat(drain(factory, b)).isEmpty();
    }

    private static List<String> two(MessageConsumer consumer) throws JMSException {
        String first = text(receive(consumer));
        return List.of(first, text(receive(consumer)));
    }

    @Test
    void closeEndsTheWait() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer both = consumer(session, a + "," + b);
        CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(() -> {
            try {
                return both.receive() == null;
            } catch (jakarta.jms.IllegalStateException e) {
                return true; // closed before it began
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        both.close();
        assertThat(ended.get(SOON, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Test
    void aSubscriptionCanBeForSeveralTopics() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        String other = topic + "2";
        MessageConsumer both = session.createConsumer(session.createTopic(topic + "," + other));
        MessageConsumer shared =
                session.createSharedDurableConsumer(session.createTopic(topic + "," + other), "both-" + queue);
        session.createProducer(session.createTopic(other + "," + topic + ".no")).send(session.createTextMessage("1"));
        session.createProducer(session.createTopic(other + "," + topic)).send(session.createTextMessage("2"));
        for (MessageConsumer consumer : List.of(both, shared)) {
            assertThat(text(receive(consumer))).isEqualTo("1");
            assertThat(text(receive(consumer))).isEqualTo("2");
            assertThat(text(receive(consumer))).isEqualTo("2");
            assertNothingComes(consumer);
        }
        shared.close();
        session.unsubscribe("both-" + queue);
    }

    @Test
    void queuesAndTopicsAreNotConsumedTogether() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> consumer(session, a + ",topic://" + topic))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("Create one for the queues and one for the topics");
        assertThatThrownBy(() -> session.createConsumer(session.createTopic(topic + ",queue://" + a)))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void severalQueuesAreNotBrowsedTogether() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> session.createBrowser(session.createQueue(a + "," + b)))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void anAnswerCanGoToSeveral() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Message question = session.createTextMessage("?");
        question.setJMSReplyTo(new SqlmqQueue(a + "," + b));
        session.createProducer(session.createQueue(queue)).send(question);
        Message received = receive(consumer(session, queue));
        session.createProducer(received.getJMSReplyTo()).send(session.createTextMessage("!"));
        assertThat(drain(factory, a)).containsExactly("!");
        assertThat(drain(factory, b)).containsExactly("!");
    }
}
