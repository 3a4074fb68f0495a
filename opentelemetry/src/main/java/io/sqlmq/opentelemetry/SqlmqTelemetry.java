package io.sqlmq.opentelemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.Message;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Spans for what a connection factory's sessions send, receive and work on, by OpenTelemetry's conventions for messaging. The trace goes
 * along in properties of the messages, {@code traceparent} and {@code tracestate} with W3C's propagator; SQL programs may set them, too.
 *
 * <pre>{@code
 * SqlmqTelemetry telemetry = SqlmqTelemetry.create(openTelemetry);
 * telemetry.trace(factory);
 * }</pre>
 *
 * <p>Not together with others that do the same: OpenTelemetry's Java agent, or Spring's observations of {@code JmsTemplate} and {@code
 * JmsListener}. Thread-safe.
 */
public final class SqlmqTelemetry {
    private final Spans spans;

    private SqlmqTelemetry(OpenTelemetry telemetry) {
        this.spans = new Spans(telemetry);
    }

    /** Spans go to the tracers of {@code telemetry}, traces through its propagators. */
    public static SqlmqTelemetry create(OpenTelemetry telemetry) {
        return new SqlmqTelemetry(telemetry);
    }

    /**
     * Traces what the connections of a factory do.
     *
     * @throws IllegalStateException if one has been made
     */
    public void trace(SqlmqConnectionFactory factory) {
        factory.setMessageTracer(new Tracing(Server.of(factory.getUrl())));
    }

    /**
     * The context in which a message was sent, to go on with its trace where the message was received by {@code receive}. The current one
     * if it carries none.
     */
    public Context contextOf(Message message) {
        return spans.contextOf(message);
    }

    /** Works on a message that was received by {@code receive}, as a listener would: within a span. */
    public <T extends @Nullable Object> T process(Message message, Callable<T> work) throws Exception {
        return within(spans.process(message, Server.UNKNOWN), spans.contextOf(message), work);
    }

    /**
     * Works on messages that were received one after the other, for example in one transaction: within a span that is linked to those that
     * sent them.
     *
     * @throws IllegalArgumentException if there are none
     */
    public <T extends @Nullable Object> T process(Collection<? extends Message> messages, Callable<T> work)
            throws Exception {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("There are no messages to work on");
        }
        return within(spans.process(List.copyOf(messages)), Context.current(), work);
    }

    private static <T extends @Nullable Object> T within(Span span, Context context, Callable<T> work)
            throws Exception {
        Throwable thrown = null;
        try (Scope scope = context.with(span).makeCurrent()) {
            return work.call();
        } catch (Exception | Error e) {
            thrown = e;
            throw e;
        } finally {
            Spans.end(span, thrown);
        }
    }

    private final class Tracing implements MessageTracer {
        private final Server server;

        Tracing(Server server) {
            this.server = server;
        }

        @Override
        public Sending send(Message message, SqlmqDestination destination) {
            Span span = spans.send(destination, server);
            return new Sending() {
                @Override
                public Map<String, String> properties() {
                    return spans.carried(span);
                }

                @Override
                public void ended(Message sent, @Nullable Throwable failure) {
                    Spans.describe(span, sent);
                    Spans.end(span, failure);
                }
            };
        }

        @Override
        public void received(Message message, Instant from) {
            spans.received(message, from, server);
        }

        @Override
        @SuppressWarnings("MustBeClosedChecker") // the end closes it, on the same thread
        public Processing process(Message message) {
            Span span = spans.process(message, server);
            Scope scope = spans.contextOf(message).with(span).makeCurrent();
            return failure -> {
                scope.close();
                Spans.end(span, failure);
            };
        }
    }
}
