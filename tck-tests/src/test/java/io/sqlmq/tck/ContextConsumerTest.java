package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.testing.Async;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageListener;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JMSConsumer of the simplified API, and receiveBody: §8.5, §8.6. */
class ContextConsumerTest extends ConformanceTest {

    private JMSContext context;
    private JMSConsumer consumer;

    @BeforeEach
    void createConsumer() {
        context = context();
        consumer = context.createConsumer(queue);
    }

    @Test
    void messagesAreReceivedInEveryWay() throws JMSException {
        send("a", "b", "c");
        assertThat(text(consumer.receive())).isEqualTo("a");
        assertThat(text(consumer.receive(SOON))).isEqualTo("b");
        assertThat(text(consumer.receiveNoWait())).isEqualTo("c");
        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(consumer.receive(NOTHING)).isNull();
    }

    @Test
    void bodiesAreReceivedInEveryWay() throws JMSException {
        send("a", "b", "c");
        assertThat(consumer.receiveBody(String.class)).isEqualTo("a");
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("b");
        assertThat(consumer.receiveBodyNoWait(String.class)).isEqualTo("c");
        assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
        assertThat(consumer.receiveBody(String.class, NOTHING)).isNull();
    }

    @Test
    void bodiesOfAllKindsAreReceived() {
        context.createProducer()
                .send(queue, "text")
                .send(queue, new byte[] {1})
                .send(queue, Map.of("a", (Object) 1))
                .send(queue, Integer.valueOf(5));
        assertThat(consumer.receiveBody(Object.class, SOON)).isEqualTo("text");
        assertThat(consumer.receiveBody(byte[].class, SOON)).containsExactly(1);
        Map<?, ?> map = consumer.receiveBody(Map.class, SOON);
        assertThat((Object) map).isEqualTo(Map.of("a", 1));
        assertThat(consumer.receiveBody(Number.class, SOON)).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {JMSContext.AUTO_ACKNOWLEDGE, JMSContext.DUPS_OK_ACKNOWLEDGE})
    void aBodyOfTheWrongTypeIsAsIfNotReceived(int mode) throws JMSException { // §8.6
        consumer.close();
        send("12", "next");
        JMSConsumer receiving = context(mode).createConsumer(queue);
        assertThatThrownBy(() -> receiving.receiveBody(byte[].class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(() -> receiving.receiveBodyNoWait(byte[].class))
                .isInstanceOf(MessageFormatRuntimeException.class);
        Message message = receiving.receive(SOON);
        assertThat(text(message)).isEqualTo("12");
        assertThat(message.getJMSRedelivered()).isFalse();
        assertThat(message.getIntProperty("JMSXDeliveryCount")).isOne();
        assertThat(receiving.receiveBody(String.class, SOON)).isEqualTo("next");
    }

    @Test
    void aBodyOfTheWrongTypeInATransactionIsReceived() throws JMSException { // §8.6
        consumer.close();
        send("12", "next");
        JMSContext transacted = context(JMSContext.SESSION_TRANSACTED);
        JMSConsumer receiving = transacted.createConsumer(queue);
        assertThatThrownBy(() -> receiving.receiveBody(byte[].class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThat(receiving.receiveBody(String.class, SOON)).isEqualTo("next");
        transacted.rollback();
        assertThat(receiving.receiveBody(String.class, SOON)).isEqualTo("12");
        transacted.commit();
    }

    @Test
    void aMessageWithoutBodyHasNone() { // javadoc of receiveBody
        context.createProducer().send(queue, context.createMessage()).send(queue, context.createStreamMessage());
        assertThatThrownBy(() -> consumer.receiveBody(String.class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThat(consumer.receive(SOON)).isNotNull();
        assertThatThrownBy(() -> consumer.receiveBody(Object.class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThat(consumer.receive(SOON)).isNotNull();
    }

    @Test
    void gettersTellWhatWasSet() {
        assertThat(consumer.getMessageSelector()).isNull();
        assertThat(context.createConsumer(queue, "a = 1").getMessageSelector()).isEqualTo("a = 1");
        assertThat(consumer.getMessageListener()).isNull();
        MessageListener listener = message -> {};
        consumer.setMessageListener(listener);
        assertThat(consumer.getMessageListener()).isSameAs(listener);
    }

    @Test
    void aConsumerWithAListenerCannotReceive() {
        consumer.setMessageListener(message -> {});
        assertThatThrownBy(() -> consumer.receive(NOTHING)).isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(() -> consumer.receiveBodyNoWait(String.class)).isInstanceOf(JMSRuntimeException.class);
    }

    @Test
    void closeEndsABlockedReceive() throws Exception {
        CompletableFuture<String> received = Async.call(() -> consumer.receiveBody(String.class));
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        consumer.close();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void closingTheContextEndsABlockedReceive() throws Exception {
        CompletableFuture<Message> received = Async.call(() -> consumer.receive(0));
        assertThat(Async.stillRuns(received, NOTHING)).isTrue();
        context.close();
        assertThat(Async.get(received)).isNull();
    }

    @Test
    void closeIsIdempotent() {
        consumer.close();
        consumer.close();
        assertThatThrownBy(consumer::receiveNoWait).isInstanceOf(IllegalStateRuntimeException.class);
    }
}
