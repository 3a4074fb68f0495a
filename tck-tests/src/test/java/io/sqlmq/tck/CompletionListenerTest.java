package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.testing.Async;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Asynchronous send: §7.3. */
class CompletionListenerTest extends ConformanceTest {

    /** Notes what completes. */
    private static class Recorder implements CompletionListener {
        final List<String> completed = Collections.synchronizedList(new ArrayList<>());
        final List<Exception> failed = Collections.synchronizedList(new ArrayList<>());
        volatile Thread thread = Thread.currentThread();

        @Override
        public void onCompletion(Message message) {
            thread = Thread.currentThread();
            completed.add(Async.unchecked(() -> text(message)));
        }

        @Override
        public void onException(Message message, Exception exception) {
            failed.add(exception);
        }

        void awaitCompleted(String... texts) {
            await().untilAsserted(() -> assertThat(completed).containsExactly(texts));
            assertThat(failed).isEmpty();
        }
    }

    private final Recorder recorder = new Recorder();

    /** Sends one message and returns what the callback's action threw, or null. */
    private static CompletableFuture<Exception> inCallback(
            Session sending, MessageProducer producer, Async.Action action) throws JMSException {
        return inCallback(producer, sending.createTextMessage("m"), action);
    }

    private static CompletableFuture<Exception> inCallback(MessageProducer producer, Message sent, Async.Action action)
            throws JMSException {
        CompletableFuture<Exception> thrown = new CompletableFuture<>();
        producer.send(sent, new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    action.run();
                    thrown.complete(null);
                } catch (Exception e) {
                    thrown.complete(e);
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                thrown.completeExceptionally(exception);
            }
        });
        return thrown;
    }

    @Test
    void everyKindOfAsynchronousSendCompletes() throws JMSException {
        try (MessageProducer producer = session.createProducer(queue);
                MessageProducer anonymous = session.createProducer(null)) {
            producer.send(session.createTextMessage("1"), recorder);
            producer.send(session.createTextMessage("2"), DeliveryMode.PERSISTENT, 4, 0, recorder);
            anonymous.send(queue, session.createTextMessage("3"), recorder);
            anonymous.send(queue, session.createTextMessage("4"), DeliveryMode.NON_PERSISTENT, 4, 0, recorder);
            recorder.awaitCompleted("1", "2", "3", "4");
        }
    }

    @Test
    void callbacksAndMessagesComeInTheOrderOfSending() throws JMSException { // §7.3.3
        String[] texts = IntStream.range(0, 100).mapToObj(i -> "m" + i).toArray(String[]::new);
        try (MessageProducer producer = session.createProducer(queue)) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text), recorder);
            }
            recorder.awaitCompleted(texts);
        }
        assertQueueHolds(texts);
    }

    /** The description of BytesMessage: "the provider must call reset on the BytesMessage passed to the CompletionListener". */
    @Test
    void theListenerReadsABodyOfBytesOrOfAStreamFromItsBeginning() throws Exception {
        BytesMessage bytes = session.createBytesMessage();
        bytes.writeUTF("written");
        bytes.writeInt(7);
        StreamMessage stream = session.createStreamMessage();
        stream.writeString("written");
        stream.writeInt(7);
        List<Object> read = Collections.synchronizedList(new ArrayList<>());
        try (MessageProducer producer = session.createProducer(queue)) {
            Exception ofBytes = Async.get(inCallback(producer, bytes, () -> {
                read.add(bytes.getBodyLength());
                read.add(bytes.readUTF());
                read.add(bytes.readInt());
                bytes.writeInt(8);
            }));
            Exception ofStream = Async.get(inCallback(producer, stream, () -> {
                read.add(stream.readString());
                read.add(stream.readInt());
                stream.writeInt(8);
            }));
            assertThat(read).containsExactly(13L, "written", 7, "written", 7);
            assertThat(ofBytes).isInstanceOf(MessageNotWriteableException.class);
            assertThat(ofStream).isInstanceOf(MessageNotWriteableException.class);
        }
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            assertThat(receive(consumer).getBody(byte[].class)).hasSize(13);
            assertThat(((StreamMessage) receive(consumer)).readString()).isEqualTo("written");
        }
    }

    @Test
    void aSynchronousSendStaysBehindAsynchronousOnes() throws JMSException { // §7.3.3
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(session.createTextMessage("async"), recorder);
            producer.send(session.createTextMessage("sync"));
        }
        assertQueueHolds("async", "sync");
    }

    @Test
    void callbacksDoNotRunOnTheSendingThread() throws JMSException { // §7.3.8
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(session.createTextMessage("m"), recorder);
            recorder.awaitCompleted("m");
        }
        assertThat(recorder.thread).isNotSameAs(Thread.currentThread());
    }

    @Test
    void callbacksOfOneSessionRunOneAtATime() throws JMSException { // §7.3.8
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(20);
        CompletionListener counting = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                running.decrementAndGet();
                all.countDown();
            }

            @Override
            public void onException(Message message, Exception exception) {
                throw new AssertionError(exception);
            }
        };
        try (MessageProducer first = session.createProducer(queue);
                MessageProducer second = session.createProducer(queue)) {
            for (int i = 0; i < 10; i++) {
                first.send(session.createMessage(), counting);
                second.send(session.createMessage(), counting);
            }
            await().until(() -> all.getCount() == 0);
        }
        assertThat(most).hasValue(1);
    }

    @Test
    void headersAreSetOnCompletion() throws JMSException { // §7.3.9
        Message message = session.createTextMessage("m");
        try (MessageProducer producer = session.createProducer(queue)) {
            producer.send(message, recorder);
            recorder.awaitCompleted("m");
        }
        assertThat(message.getJMSMessageID()).startsWith("ID:");
        assertThat(message.getJMSDestination()).isEqualTo(queue);
    }

    @Test
    void closingTheSessionWaitsForCallbacks() throws JMSException { // §7.3.4
        for (int i = 0; i < 10; i++) {
            Recorder own = new Recorder();
            Session sending = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            sending.createProducer(queue).send(sending.createTextMessage("m"), own);
            sending.close();
            assertThat(own.completed).containsExactly("m");
        }
    }

    @Test
    void closingTheProducerOrTheConnectionWaitsForCallbacks() throws JMSException { // §7.3.4
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("producer"), recorder);
        producer.close();
        assertThat(recorder.completed).containsExactly("producer");
        var closing = connect();
        Session sending = closing.createSession(Session.AUTO_ACKNOWLEDGE);
        sending.createProducer(queue).send(sending.createTextMessage("connection"), recorder);
        closing.close();
        assertThat(recorder.completed).containsExactly("producer", "connection");
    }

    @Test
    void commitWaitsForCallbacks() throws JMSException { // §7.3.4
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        producer.send(transacted.createTextMessage("a"), recorder);
        producer.send(transacted.createTextMessage("b"), recorder);
        transacted.commit();
        assertThat(recorder.completed).containsExactly("a", "b");
        assertQueueHolds("a", "b");
    }

    @Test
    void rollbackWaitsForCallbacks() throws JMSException { // §7.3.4
        Session transacted = session(Session.SESSION_TRANSACTED);
        transacted.createProducer(queue).send(transacted.createTextMessage("a"), recorder);
        transacted.rollback();
        assertThat(recorder.completed.size() + recorder.failed.size()).isOne();
        assertQueueHolds();
    }

    @Test
    void aCallbackMustNotCloseItsSession() throws Exception { // §7.3.4
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        assertThat(Async.get(inCallback(sending, sending.createProducer(queue), sending::close)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aCallbackMustNotCloseItsConnection() throws Exception { // javadoc of Connection.close
        var own = connect();
        Session sending = own.createSession(Session.AUTO_ACKNOWLEDGE);
        assertThat(Async.get(inCallback(sending, sending.createProducer(queue), own::close)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aCallbackMustNotCloseItsProducer() throws Exception { // javadoc of MessageProducer.close
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = sending.createProducer(queue);
        assertThat(Async.get(inCallback(sending, producer, producer::close))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aCallbackMustNotCommitOrRollBackItsSession() throws Exception { // §7.3.4
        Session transacted = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        CompletableFuture<Exception> committing = inCallback(transacted, producer, transacted::commit);
        CompletableFuture<Exception> rollingBack = inCallback(transacted, producer, transacted::rollback);
        transacted.commit();
        assertThat(Async.get(committing)).isInstanceOf(IllegalStateException.class);
        assertThat(Async.get(rollingBack)).isInstanceOf(IllegalStateException.class);
        assertQueueHolds("m", "m");
    }

    @Test
    void aCallbackMayBeSlow() throws Exception {
        CountDownLatch leave = new CountDownLatch(1);
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = sending.createProducer(queue);
        CompletableFuture<Exception> first =
                inCallback(sending, producer, () -> leave.await(SOON, TimeUnit.MILLISECONDS));
        producer.send(sending.createTextMessage("second"), recorder);
        assertThat(Async.stillRuns(first, NOTHING)).isTrue();
        assertThat(recorder.completed).isEmpty();
        leave.countDown();
        recorder.awaitCompleted("second");
    }

    @Test
    void anIllegalSendThrowsAtOnce() throws JMSException { // §7.3.2
        try (MessageProducer anonymous = session.createProducer(null)) {
            assertThatThrownBy(() -> anonymous.send(null, session.createMessage(), recorder))
                    .isInstanceOf(JMSException.class);
        }
        assertThat(recorder.failed).isEmpty();
        assertThat(recorder.completed).isEmpty();
    }

    @Test
    void aContextSendsAsynchronously() throws JMSException { // §7.3
        JMSContext context = context();
        var producer = context.createProducer().setAsync(recorder);
        assertThat(producer.getAsync()).isSameAs(recorder);
        producer.send(queue, "a").send(queue, "b");
        recorder.awaitCompleted("a", "b");
        producer.setAsync(null).send(queue, "c");
        assertQueueHolds("a", "b", "c");
        assertThat(recorder.completed).hasSize(2);
    }

    @Test
    void aCallbackMustNotCloseItsContext() throws Exception { // javadoc of JMSContext.close
        JMSContext context = context();
        CompletableFuture<Exception> thrown = new CompletableFuture<>();
        context.createProducer()
                .setAsync(new CompletionListener() {
                    @Override
                    public void onCompletion(Message message) {
                        try {
                            context.close();
                            thrown.complete(null);
                        } catch (RuntimeException e) {
                            thrown.complete(e);
                        }
                    }

                    @Override
                    public void onException(Message message, Exception exception) {
                        thrown.completeExceptionally(exception);
                    }
                })
                .send(queue, "m");
        assertThat(Async.get(thrown)).isInstanceOf(IllegalStateRuntimeException.class);
    }
}
