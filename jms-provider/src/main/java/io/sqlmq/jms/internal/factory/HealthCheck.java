package io.sqlmq.jms.internal.factory;

import io.sqlmq.engine.Engine;
import io.sqlmq.jms.internal.errors.JmsErrors;
import jakarta.jms.JMSException;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database of an engine whether it takes work, and waits for the answer for a bounded time. Those who ask at the same
 * time, or while a question is still unanswered, share it. Thread-safe.
 */
final class HealthCheck {
    /** What Spring Boot's indicator waits for a connection to start, less some for the rest. */
    private static final long PATIENCE_MILLIS = 4_000;

    private final Engine engine;
    private final Executor executor;
    private @Nullable CompletableFuture<Void> asked;

    HealthCheck(Engine engine, Executor executor) {
        this.engine = engine;
        this.executor = executor;
    }

    /** One statement. */
    void ask() throws JMSException {
        try {
            question().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw JmsErrors.from("Asking the database", cause);
            }
            throw failure("Asking the database failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw failure(
                    "The database has not answered within " + PATIENCE_MILLIS + " ms, or no connection to it is free.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("Interrupted while asking the database.", e);
        }
    }

    private synchronized CompletableFuture<Void> question() {
        CompletableFuture<Void> question = asked;
        if (question == null || question.isDone()) {
            question = CompletableFuture.runAsync(this::ping, executor);
            asked = question;
        }
        return question;
    }

    private void ping() {
        try {
            engine.ping();
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    private static JMSException failure(String text, Exception cause) {
        JMSException failure = new JMSException(text, "HEALTH");
        failure.setLinkedException(cause);
        failure.initCause(cause);
        return failure;
    }
}
