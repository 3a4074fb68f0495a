package io.sqlmq.jms.internal.client;

import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.jms.internal.threads.CallerLoader;
import io.sqlmq.jms.internal.threads.SerialTasks;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells CompletionListeners of one session what became of their messages (§7.3): one at a time, in the order of the
 * sends, never on the thread that sent.
 */
final class SendCompletions {
    private static final Logger log = LoggerFactory.getLogger(SendCompletions.class);

    private final SerialTasks callbacks;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    private int outstanding;

    SendCompletions(Executor executor) {
        this.callbacks = new SerialTasks(executor);
    }

    /** Calls {@code listener} after {@code sent} is complete and every earlier listener was called. */
    void expect(CompletableFuture<Void> sent, Message message, CompletionListener listener) {
        CallerLoader loader = CallerLoader.current();
        synchronized (this) {
            outstanding++;
            // Each stage waits for the one before, so that the order holds whatever completes first.
            last = last.exceptionally(earlier -> null)
                    .thenCompose(none -> sent)
                    .whenComplete((none, failure) ->
                            callbacks.add(() -> loader.run(() -> complete(message, listener, failure))));
        }
    }

    private void complete(Message message, CompletionListener listener, @Nullable Throwable failure) {
        try {
            if (message instanceof SqlmqMessage own) {
                own.setSendInProgress(false);
            }
            makeReadable(message);
            if (failure == null) {
                listener.onCompletion(message);
            } else {
                listener.onException(message, asJmsException(failure));
            }
        } finally {
            synchronized (this) {
                outstanding--;
                notifyAll();
            }
        }
    }

    /** The listener can read a body of bytes or of a stream from its beginning, as their interfaces promise. */
    private static void makeReadable(Message message) {
        try {
            if (message instanceof BytesMessage bytes) {
                bytes.reset();
            } else if (message instanceof StreamMessage stream) {
                stream.reset();
            }
        } catch (JMSException e) {
            log.warn(
                    "A message of the class {} cannot be reset after it was sent",
                    message.getClass().getName(),
                    e);
        }
    }

    private static JMSException asJmsException(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof JMSException exception) {
            return exception;
        }
        if (cause instanceof SQLException exception) {
            return JmsErrors.from(Right.SEND, "Sending", exception);
        }
        return new JMSException(
                "Sending the message failed: " + cause,
                "SEND_FAILED",
                cause instanceof Exception exception ? exception : new ExecutionException(cause));
    }

    /** Waits until every listener has been called. An interrupt is kept for later. */
    synchronized void awaitAll() {
        boolean interrupted = false;
        while (outstanding > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Refuses what a CompletionListener must not do with its own session (§7.3.4). */
    void refuseInCallback(String method) throws IllegalStateException {
        if (callbacks.inTask()) {
            throw new IllegalStateException(
                    method + "() must not be called by a CompletionListener of the same session.",
                    "IN_COMPLETION_LISTENER");
        }
    }
}
