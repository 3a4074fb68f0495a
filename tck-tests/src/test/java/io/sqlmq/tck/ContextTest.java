package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JMSContext, the connection and session of the simplified API: §2.8, §6.3. */
class ContextTest extends ConformanceTest {

    @Test
    void contextsMayBeCreatedInEveryWay() {
        assertThat(context().getSessionMode()).isEqualTo(JMSContext.AUTO_ACKNOWLEDGE);
        for (int mode = JMSContext.SESSION_TRANSACTED; mode <= JMSContext.DUPS_OK_ACKNOWLEDGE; mode++) {
            JMSContext made = context(mode);
            assertThat(made.getSessionMode()).isEqualTo(mode);
            assertThat(made.getTransacted()).isEqualTo(mode == JMSContext.SESSION_TRANSACTED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 17})
    void illegalModesAreRefused(int mode) {
        assertThatThrownBy(() -> factory.createContext(mode)).isInstanceOf(JMSRuntimeException.class);
        JMSContext context = context();
        assertThatThrownBy(() -> context.createContext(mode)).isInstanceOf(JMSRuntimeException.class);
    }

    @Test
    void creatingAConsumerStartsTheConnection() { // §6.3.4
        JMSContext context = context();
        assertThat(context.getAutoStart()).isTrue();
        JMSConsumer consumer = context.createConsumer(queue);
        context.createProducer().send(queue, "m");
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
    }

    @Test
    void withoutAutoStartTheConnectionIsStartedByHand() {
        JMSContext context = context();
        context.setAutoStart(false);
        assertThat(context.getAutoStart()).isFalse();
        JMSConsumer consumer = context.createConsumer(queue);
        context.createProducer().send(queue, "m");
        assertThat(consumer.receive(NOTHING)).isNull();
        context.start();
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
        context.stop();
        context.createProducer().send(queue, "n");
        assertThat(consumer.receive(NOTHING)).isNull();
    }

    @Test
    void creatingABrowserStartsTheConnection() throws JMSException {
        send("m");
        JMSContext context = context();
        assertThat(Collections.list(
                        (java.util.Enumeration<?>) context.createBrowser(queue).getEnumeration()))
                .hasSize(1);
    }

    @Test
    void furtherContextsShareTheConnection() { // §6.3.3
        JMSContext first = context();
        first.setClientID(uniqueName());
        JMSContext second = closeAfterwards(first.createContext(JMSContext.SESSION_TRANSACTED));
        assertThat(second.getClientID()).isEqualTo(first.getClientID());
        assertThat(second.getTransacted()).isTrue();
        first.close();
        second.createProducer().send(queue, "the connection lives until its last context is closed");
        second.commit();
        assertThat(context().createConsumer(queue).receiveBody(String.class, SOON))
                .startsWith("the connection");
    }

    @Test
    void closingTheLastContextClosesTheConnection() {
        String id = uniqueName();
        JMSContext first = factory.createContext();
        first.setClientID(id);
        JMSContext second = first.createContext(JMSContext.AUTO_ACKNOWLEDGE);
        first.close();
        second.close();
        context().setClientID(id);
    }

    @Test
    void closeIsIdempotent() {
        JMSContext closing = factory.createContext();
        closing.close();
        assertThatCode(closing::close).doesNotThrowAnyException();
    }

    @Test
    void messagesOfAllTypesAreCreated() throws JMSException {
        JMSContext context = context();
        assertThat(context.createTextMessage().getText()).isNull();
        assertThat(context.createTextMessage("t").getText()).isEqualTo("t");
        assertThat(context.createObjectMessage().getObject()).isNull();
        assertThat(context.createObjectMessage(1).getObject()).isEqualTo(1);
        assertThat(context.createMapMessage().itemExists("a")).isFalse();
        context.createStreamMessage().writeInt(1);
        context.createBytesMessage().writeInt(1);
        assertThat(context.createMessage().propertyExists("p")).isFalse();
        assertThat(context.createQueue("q").getQueueName()).isEqualTo("q");
        assertThat(context.createTopic("t").getTopicName()).isEqualTo("t");
    }

    @Test
    void transactionsCommitAndRollBack() {
        JMSContext transacted = context(JMSContext.SESSION_TRANSACTED);
        JMSConsumer consumer = context().createConsumer(queue);
        transacted.createProducer().send(queue, "gone");
        transacted.rollback();
        transacted.createProducer().send(queue, "m");
        assertThat(consumer.receive(NOTHING)).isNull();
        transacted.commit();
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("m");
    }

    @Test
    void acknowledgeCoversAllThatWasReceived() throws JMSException {
        send("a", "b", "c");
        try (JMSContext client = factory.createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            JMSConsumer consumer = client.createConsumer(queue);
            consumer.receive(SOON);
            consumer.receive(SOON);
            client.acknowledge();
            consumer.receive(SOON);
        }
        assertQueueHolds("c");
    }

    @Test
    void acknowledgeIsIgnoredInOtherModes() throws JMSException {
        send("a");
        try (JMSContext transacted = factory.createContext(JMSContext.SESSION_TRANSACTED)) {
            assertThat(transacted.createConsumer(queue).receive(SOON)).isNotNull();
            transacted.acknowledge();
        }
        assertQueueHolds("a");
    }

    @Test
    void recoverRedelivers() throws JMSException {
        send("a");
        JMSContext client = context(JMSContext.CLIENT_ACKNOWLEDGE);
        JMSConsumer consumer = client.createConsumer(queue);
        assertThat(consumer.receive(SOON).getJMSRedelivered()).isFalse();
        client.recover();
        Message again = consumer.receive(SOON);
        assertThat(again.getJMSRedelivered()).isTrue();
        again.acknowledge();
    }

    @Test
    void illegalCallsAreRefused() {
        JMSContext automatic = context();
        assertThatThrownBy(automatic::commit).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(automatic::rollback).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(context(JMSContext.SESSION_TRANSACTED)::recover)
                .isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> automatic.createConsumer(null)).isInstanceOf(InvalidDestinationRuntimeException.class);
        assertThatThrownBy(() -> automatic.createConsumer(queue, "no selector at all"))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
        assertThatThrownBy(() -> automatic.createBrowser(queue, "no selector at all"))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
        assertThatThrownBy(() -> automatic.createBrowser(null)).isInstanceOf(InvalidDestinationRuntimeException.class);
    }

    @Test
    void listenersReceive() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        JMSContext context = context();
        context.createConsumer(queue).setMessageListener(message -> seen.add(Async.unchecked(() -> text(message))));
        context().createProducer().send(queue, "a").send(queue, "b");
        await().untilAsserted(() -> assertThat(seen).containsExactly("a", "b"));
    }

    @Test
    void theExceptionListenerIsKept() {
        JMSContext context = context();
        assertThat(context.getExceptionListener()).isNull();
        ExceptionListener listener = exception -> {};
        context.setExceptionListener(listener);
        assertThat(context.getExceptionListener()).isSameAs(listener);
    }

    @Test
    void metaDataSays31() throws JMSException {
        assertThat(context().getMetaData().getJMSMajorVersion()).isEqualTo(3);
        assertThat(context().getMetaData().getJMSMinorVersion()).isEqualTo(1);
    }

    @Test
    void tryWithResourcesRollsBack() throws JMSException {
        send("a");
        try (JMSContext transacted = factory.createContext(JMSContext.SESSION_TRANSACTED)) {
            transacted.createProducer().send(queue, "gone");
            assertThat(transacted.createConsumer(queue).receiveBody(String.class, SOON))
                    .isEqualTo("a");
        }
        assertQueueHolds("a");
    }
}
