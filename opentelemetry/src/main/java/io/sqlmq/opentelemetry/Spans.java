package io.sqlmq.opentelemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.sqlmq.jms.SqlmqDestination;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes spans. Thread-safe. */
final class Spans {
    private static final String SCOPE = "io.sqlmq.opentelemetry";
    private static final Carrier CARRIER = new Carrier();

    private final Tracer tracer;
    private final TextMapPropagator propagator;

    Spans(OpenTelemetry telemetry) {
        this.tracer = telemetry.getTracer(SCOPE);
        this.propagator = telemetry.getPropagators().getTextMapPropagator();
    }

    Span send(SqlmqDestination destination, Server server) {
        return server.on(builder(SqlmqSpan.SEND, destination)).startSpan();
    }

    /** What a message carries so that others find the span that sent it. */
    Map<String, String> carried(Span sending) {
        Map<String, String> properties = new LinkedHashMap<>();
        propagator.inject(Context.current().with(sending), properties, (map, key, value) -> {
            if (map != null) {
                map.put(Carrier.property(key), value);
            }
        });
        return properties;
    }

    /** A span that has ended. */
    void received(Message message, Instant from, Server server) {
        SpanBuilder builder =
                server.on(builder(SqlmqSpan.RECEIVE, destinationOf(message))).setStartTimestamp(from);
        addLink(builder, message);
        Span span = builder.startSpan();
        describe(span, message);
        span.end();
    }

    Span process(Message message, Server server) {
        SpanBuilder builder = server.on(builder(SqlmqSpan.PROCESS, destinationOf(message)));
        Context sent = contextOf(message);
        if (Span.current().getSpanContext().isValid()) {
            addLink(builder, message);
        } else {
            builder.setParent(sent);
        }
        Span span = builder.startSpan();
        describe(span, message);
        return span;
    }

    Span process(Collection<? extends Message> messages) {
        Message first = messages.iterator().next();
        SpanBuilder builder = builder(SqlmqSpan.PROCESS, destinationOf(first))
                .setAttribute(SpanAttribute.BATCH_COUNT, (long) messages.size());
        messages.forEach(message -> addLink(builder, message));
        return builder.startSpan();
    }

    /** The context in which a message was sent, with what it carries besides the span. */
    Context contextOf(Message message) {
        return propagator.extract(Context.current(), message, CARRIER);
    }

    private void addLink(SpanBuilder builder, Message message) {
        SpanContext sent = Span.fromContext(propagator.extract(Context.root(), message, CARRIER))
                .getSpanContext();
        if (sent.isValid()) {
            builder.addLink(sent);
        }
    }

    private SpanBuilder builder(SqlmqSpan kind, @Nullable Destination destination) {
        String name = nameOf(destination);
        boolean temporary = destination instanceof TemporaryQueue || destination instanceof TemporaryTopic;
        SpanBuilder builder = tracer.spanBuilder(kind.operation() + " " + (temporary ? "(temporary)" : name))
                .setSpanKind(kind.kind())
                .setAttribute(SpanAttribute.SYSTEM, "sqlmq")
                .setAttribute(SpanAttribute.OPERATION_NAME, kind.operation())
                .setAttribute(SpanAttribute.OPERATION_TYPE, kind.operation())
                .setAttribute(SpanAttribute.DESTINATION, name);
        return temporary ? builder.setAttribute(SpanAttribute.TEMPORARY, true) : builder;
    }

    static void describe(Span span, Message message) {
        try {
            span.setAttribute(SpanAttribute.MESSAGE_ID, message.getJMSMessageID());
            span.setAttribute(SpanAttribute.CONVERSATION_ID, message.getJMSCorrelationID());
            span.setAttribute(SpanAttribute.TYPE, message.getJMSType());
        } catch (JMSException e) {
            span.recordException(e);
        }
    }

    static void end(Span span, @Nullable Throwable failure) {
        if (failure != null) {
            span.setStatus(StatusCode.ERROR);
            span.setAttribute(SpanAttribute.ERROR_TYPE, failure.getClass().getName());
            span.recordException(failure);
        }
        span.end();
    }

    private static @Nullable Destination destinationOf(Message message) {
        try {
            return message.getJMSDestination();
        } catch (JMSException e) {
            return null;
        }
    }

    private static String nameOf(@Nullable Destination destination) {
        try {
            if (destination instanceof SqlmqDestination own) {
                return own.getName();
            }
            if (destination instanceof Queue queue) {
                return queue.getQueueName();
            }
            return destination instanceof Topic topic ? topic.getTopicName() : "(unknown)";
        } catch (JMSException e) {
            return "(unknown)";
        }
    }
}
