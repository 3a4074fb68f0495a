package io.sqlmq.jms.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.message.MessageFactory;
import io.sqlmq.message.SqlmqTextMessage;
import io.sqlmq.message.TrustedClasses;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class SendCompletionsTest {
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final SendCompletions completions = new SendCompletions(executor);
    private final MessageFactory messages = new MessageFactory(TrustedClasses.defaults());
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void end() {
        executor.shutdownNow();
    }

    /** §7.3.5 */
    @Test
    void listenersAreCalledInTheOrderOfTheSendsWhateverCompletesFirst() {
        List<CompletableFuture<Void>> sends = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<Void> sent = new CompletableFuture<>();
            sends.add(sent);
            completions.expect(sent, messages.createMessage(), telling("" + i));
        }

        for (int i = sends.size() - 1; i >= 0; i--) {
            sends.get(i).complete(null);
        }
        completions.awaitAll();

        assertThat(told).hasSize(50).isSortedAccordingTo((a, b) -> Integer.parseInt(a) - Integer.parseInt(b));
    }

    @Test
    void aFailedSendIsToldAsAJmsExceptionAndDoesNotHoldUpTheNext() {
        completions.expect(
                CompletableFuture.failedFuture(new SQLException("gone", "08006")),
                messages.createMessage(),
                telling("first"));
        completions.expect(CompletableFuture.completedFuture(null), messages.createMessage(), telling("second"));
        completions.awaitAll();

        assertThat(told).hasSize(2);
        assertThat(told.get(0)).startsWith("first failed").contains("gone");
        assertThat(told.get(1)).isEqualTo("second");
    }

    /** Those of other providers too, and also when the send has failed. */
    @Test
    void theListenerFindsBodiesAtTheirBeginning() {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        completions.expect(
                CompletableFuture.completedFuture(null), foreign(BytesMessage.class, calls), telling("bytes"));
        completions.expect(
                CompletableFuture.failedFuture(new SQLException("gone", "08006")),
                foreign(StreamMessage.class, calls),
                telling("stream"));
        completions.awaitAll();

        assertThat(told).hasSize(2);
        assertThat(calls).containsExactly("reset", "reset");
    }

    private static <M extends Message> M foreign(Class<M> type, List<String> calls) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            calls.add(method.getName());
            return null;
        }));
    }

    /** §7.3.9 */
    @Test
    void theMessageIsUsableAgainWhenItsListenerIsCalled() throws JMSException {
        SqlmqTextMessage message = messages.createTextMessage("text");
        message.setSendInProgress(true);
        assertThatThrownBy(message::getText).isInstanceOf(JMSException.class);

        completions.expect(CompletableFuture.completedFuture(null), message, telling("done"));
        completions.awaitAll();

        assertThat(message.getText()).isEqualTo("text");
    }

    /** §7.3.4 */
    @Test
    void aListenerMayNotEndItsOwnSession() throws JMSException {
        AtomicReference<Exception> thrown = new AtomicReference<>();
        completions.expect(CompletableFuture.completedFuture(null), messages.createMessage(), new Telling("x") {
            @Override
            public void onCompletion(Message message) {
                try {
                    completions.refuseInCallback("close");
                } catch (IllegalStateException e) {
                    thrown.set(e);
                }
            }
        });
        completions.awaitAll();

        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
        completions.refuseInCallback("close"); // fine on any other thread
    }

    private CompletionListener telling(String name) {
        return new Telling(name);
    }

    private class Telling implements CompletionListener {
        private final String name;

        Telling(String name) {
            this.name = name;
        }

        @Override
        public void onCompletion(Message message) {
            told.add(name);
        }

        @Override
        public void onException(Message message, Exception exception) {
            told.add(name + " failed: " + exception.getMessage());
        }
    }
}
