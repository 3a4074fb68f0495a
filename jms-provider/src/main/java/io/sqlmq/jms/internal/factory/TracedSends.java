package io.sqlmq.jms.internal.factory;

import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Job;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.jms.internal.mapping.Outbound;
import io.sqlmq.message.HeaderText;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.MessageFactory;
import io.sqlmq.message.SqlmqMessage;
import io.sqlmq.message.StoredContent;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a tracer is told of messages that are sent together without a session: each as one without a body. By one thread. */
final class TracedSends {
    private record Traced(MessageTracer.Sending sending, SqlmqMessage message) {}

    private final MessageTracer tracer;
    private final MessageCodec codec;
    private final MessageFactory factory;
    private final List<Traced> begun = new ArrayList<>();

    TracedSends(MessageTracer tracer, MessageCodec codec, MessageFactory factory) {
        this.tracer = tracer;
        this.codec = codec;
        this.factory = factory;
    }

    /** The messages with what they are to carry. What a schedule sends again and again belongs to no trace. */
    List<NewMessage> begin(List<NewMessage> messages) throws JMSException {
        List<NewMessage> carrying = new ArrayList<>();
        for (NewMessage message : messages) {
            carrying.add(message.schedule() == null ? begin(message) : message);
        }
        return carrying;
    }

    private NewMessage begin(NewMessage message) throws JMSException {
        SqlmqMessage told = factory.createMessage();
        Job job = message.job();
        told.setJMSMessageID(Outbound.messageId(message.id()));
        told.setJMSType(job == null ? message.headers().type() : HeaderText.decode(job.name()));
        MessageTracer.Sending sending = tracer.send(told, Destinations.queue(message.channel()));
        begun.add(new Traced(sending, told));
        SqlmqMessage carrier = factory.createMessage();
        carrier.setBySend(new LinkedHashMap<>(sending.properties()));
        StoredContent stored = codec.encode(carrier);
        Content own = message.content();
        return message.with(
                new Content(own.bodyType(), own.text(), own.bytes(), stored.properties(), stored.propertyTypes()));
    }

    void end(@Nullable Throwable failure) {
        begun.forEach(traced -> traced.sending.ended(traced.message, failure));
    }
}
