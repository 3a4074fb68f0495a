package io.sqlmq.integration.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Options in names, and names that have none. */
class DestinationResolverTest extends IntegrationTest {

    @Test
    void optionsOfANameAreNoPartOfIt() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Queue withOptions = session.createQueue(queue + "?consumer.prefetchSize=10&consumer.dispatchAsync=false");
        assertThat(withOptions.getQueueName()).isEqualTo(queue);
        session.createProducer(withOptions).send(session.createTextMessage("m"));
        Message received = receive(consumer(session, queue));
        assertThat(received.getJMSDestination()).isEqualTo(withOptions).hasToString("queue://" + queue);
    }

    @Test
    void anUnknownOptionIsAnInvalidDestination() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> session.createQueue(queue + "?consumer.prefetchsize=10"))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("did you mean \"consumer.prefetchSize\"?");
    }

    @Test
    void thePrefetchSizeIsTheMostThatIsTakenAtOnce() throws JMSException {
        String[] texts = new String[40];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "m" + i;
        }
        send(texts);
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageConsumer few = consumer(transacted, queue + "?consumer.prefetchSize=1");
        for (int i = 0; i < 20; i++) {
            assertThat(text(receive(few))).isEqualTo("m" + i);
        }
        // Whatever is claimed and not handed over would be missing here.
        assertThat(drain(factory, queue)).hasSize(20).startsWith("m20").endsWith("m39");
        transacted.commit();
    }

    @Test
    void theSelectorOfTheNameHoldsWhereTheCallHasNone() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < 3; i++) {
            Message message = session.createTextMessage("m" + i);
            message.setIntProperty("n", i);
            session.createProducer(session.createQueue(queue)).send(message);
        }
        Queue selecting = session.createQueue(queue + "?consumer.selector=n%3D1");
        try (MessageConsumer byName = session.createConsumer(selecting)) {
            assertThat(byName.getMessageSelector()).isEqualTo("n=1");
            assertThat(text(receive(byName))).isEqualTo("m1");
            assertNothingComes(byName);
        }
        try (MessageConsumer byCall = session.createConsumer(selecting, "n=2")) {
            assertThat(text(receive(byCall))).isEqualTo("m2");
        }
    }

    @Test
    void redeliveryOptionsAreThoseOfTheConsumer() throws JMSException {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer once = consumer(session, queue + "?redelivery.maximumRedeliveries=0");
        send("bad");
        assertThat(text(receive(once))).isEqualTo("bad");
        session.rollback();
        assertNothingComes(once);
        assertThat(drain(factory, "DLQ")).containsExactly("bad");
    }

    @Test
    void contradictingRedeliveryOptionsAreRefused() throws JMSException {
        SqlmqConnectionFactory slow = factory("redeliveryDelay=1000", "maximumRedeliveryDelay=2000");
        Session session = session(slow, Session.AUTO_ACKNOWLEDGE);
        Queue contradicting = session.createQueue(queue + "?redelivery.redeliveryDelay=5000");
        assertThatThrownBy(() -> session.createConsumer(contradicting))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("maximumRedeliveryDelay=2000");
    }

    @Test
    void noLocalCanBePartOfTheNameOfATopic() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer others = session.createConsumer(session.createTopic(queue + "?consumer.noLocal=true"));
        session.createProducer(session.createTopic(queue)).send(session.createTextMessage("own"));
        Session other = session(Session.AUTO_ACKNOWLEDGE);
        other.createProducer(other.createTopic(queue)).send(other.createTextMessage("other"));
        assertThat(text(receive(others))).isEqualTo("other");
    }

    @Test
    void literalNamesAreNothingButNames() throws JMSException {
        SqlmqConnectionFactory literal = factory("destinationNames=literal");
        Session session = session(literal, Session.AUTO_ACKNOWLEDGE);
        for (String name : List.of("what?", "a?b=c", "a,b", "x.*", ">", "Consumer.A.VirtualTopic.x")) {
            assertThat(session.createQueue(name).getQueueName()).isEqualTo(name);
            sendIn(session, name, "m");
            try (MessageConsumer consumer = consumer(session, name)) {
                Message received = receive(consumer);
                assertThat(((Queue) received.getJMSDestination()).getQueueName())
                        .isEqualTo(name);
                assertNothingComes(consumer);
            }
            MessageConsumer subscriber = session.createConsumer(session.createTopic(name));
            session.createProducer(session.createTopic(name)).send(session.createTextMessage("t"));
            assertThat(text(receive(subscriber))).isEqualTo("t");
            subscriber.close();
        }
        assertThat(number("SELECT count(*) FROM mq_subscriptions WHERE to_queue"))
                .isZero();
    }

    @Test
    void aLiteralQueueIsOneWhateverTheFactorySays() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        Queue comma = SqlmqQueue.literal(queue + ",x");
        session.createProducer(comma).send(session.createTextMessage("m"));
        Message received = receive(session.createConsumer(comma));
        assertThat(received.getJMSDestination()).isEqualTo(comma);
        // What arrived from there can be answered there.
        session.createProducer(received.getJMSDestination()).send(session.createTextMessage("again"));
        assertThat(text(receive(session.createConsumer(comma)))).isEqualTo("again");
    }

    @Test
    void listenersOfOptionedNamesWorkAsOthersDo() throws JMSException {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        List<String> seen = new ArrayList<>();
        consumer(session, queue + "?consumer.prefetchSize=2").setMessageListener(message -> {
            synchronized (seen) {
                seen.add(listened(message));
            }
        });
        send("1", "2", "3", "4", "5");
        Awaitility.await().atMost(SOON, TimeUnit.MILLISECONDS).untilAsserted(() -> {
            synchronized (seen) {
                assertThat(seen).containsExactly("1", "2", "3", "4", "5");
            }
        });
    }

    private static String listened(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
