package io.sqlmq.integration.names;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With autoCreate=false only what was declared is there. */
class DeclaredDestinationsTest extends IntegrationTest {
    private SqlmqConnectionFactory strict;
    private SqlmqAdmin admin;
    private Session session;

    @BeforeEach
    void open() throws JMSException {
        strict = factory("autoCreate=false");
        admin = factory.admin();
        session = session(strict, Session.AUTO_ACKNOWLEDGE);
    }

    private static void assertUnknown(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("autoCreate=false")
                .satisfies(e -> assertThat(((JMSException) e).getErrorCode()).isEqualTo("UNKNOWN_DESTINATION"));
    }

    @Test
    void anUnknownDestinationIsInvalid() throws JMSException {
        assertUnknown(() -> session.createProducer(session.createQueue(queue)));
        assertUnknown(() -> consumer(session, queue));
        assertUnknown(() -> session.createBrowser(session.createQueue(queue)));
        assertUnknown(() -> session.createProducer(session.createTopic(queue)));
        assertUnknown(() -> session.createConsumer(session.createTopic(queue)));
        assertUnknown(() -> session.createSharedDurableConsumer(session.createTopic(queue), "s"));
        MessageProducer any = session.createProducer(null);
        assertUnknown(() -> any.send(session.createQueue(queue), session.createMessage()));
        assertUnknown(() -> any.send(session.createTopic(queue), session.createMessage()));
    }

    @Test
    void aDeclaredQueueIsThereAtOnce() throws JMSException {
        assertUnknown(() -> consumer(session, queue));
        assertThat(admin.declareQueue(queue)).isTrue();
        assertThat(admin.declareQueue(queue)).isFalse();
        assertThat(admin.declaredQueues()).contains(queue);
        session.createBrowser(session.createQueue(queue)).close();
        MessageConsumer consumer = consumer(session, queue);
        sendIn(session, queue, "m");
        assertThat(text(receive(consumer))).isEqualTo("m");
        assertUnknown(() -> session.createProducer(session.createTopic(queue)));
    }

    @Test
    void aDeclaredTopicIsThereAtOnce() throws JMSException {
        assertThat(admin.declareTopic(queue)).isTrue();
        assertThat(admin.declaredTopics()).contains(queue);
        MessageConsumer consumer = session.createConsumer(session.createTopic(queue));
        session.createProducer(session.createTopic(queue)).send(session.createTextMessage("m"));
        assertThat(text(receive(consumer))).isEqualTo("m");
        assertThat(admin.deleteTopic(queue)).isTrue();
        assertThat(admin.deleteTopic(queue)).isFalse();
    }

    @Test
    void aDeletedQueueIsGoneWithItsMessages() throws JMSException {
        strict.admin().declareQueue(queue);
        sendIn(session, queue, "m");
        assertThat(strict.admin().deleteQueue(queue)).isEqualTo(1);
        assertThat(admin.declaredQueues()).doesNotContain(queue);
        assertUnknown(() -> sendIn(session, queue, "m"));
    }

    @Test
    void allPartsOfACompositeMustBeThere() throws JMSException {
        admin.declareQueue(queue + "1");
        assertUnknown(() -> sendIn(session, queue + "1," + queue + "2", "m"));
        admin.declareQueue(queue + "2");
        sendIn(session, queue + "1," + queue + "2", "m");
        assertThat(drain(factory, queue + "1")).containsExactly("m");
    }

    @Test
    void temporaryAndDeadLetterQueuesNeedNoDeclaration() throws JMSException {
        TemporaryQueue temporary = session.createTemporaryQueue();
        session.createProducer(temporary).send(session.createTextMessage("m"));
        assertThat(text(receive(session.createConsumer(temporary)))).isEqualTo("m");
        MessageConsumer dead = consumer(session, "DLQ");
        assertNothingComes(dead);
    }

    @Test
    void whatWasDeclaredIsFoundByAPattern() throws JMSException {
        admin.declareQueue(queue + ".a");
        MessageConsumer all = consumer(session, queue + ".*");
        sendIn(session, queue + ".a", "m");
        assertThat(text(receive(all))).isEqualTo("m");
    }

    @Test
    void namesThatAreNotPossibleAreNotDeclared() {
        assertThatThrownBy(() -> admin.declareQueue("")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> admin.declareTopic("x".repeat(256))).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void otherFactoriesAreNotConcerned() throws JMSException {
        Session free = session(Session.AUTO_ACKNOWLEDGE);
        Queue undeclared = free.createQueue(queue);
        free.createProducer(undeclared).send(free.createTextMessage("m"));
        assertThat(text(receive(free.createConsumer(undeclared)))).isEqualTo("m");
    }
}
