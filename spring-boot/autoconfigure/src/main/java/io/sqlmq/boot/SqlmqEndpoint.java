package io.sqlmq.boot;

import io.sqlmq.jms.DeadLetter;
import io.sqlmq.jms.QueueDepth;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator endpoint {@code sqlmq}: queues, dead letters, and their retry.
 *
 * <ul>
 *   <li>{@code GET /actuator/sqlmq}: queues with their numbers of messages, and the latest dead letters.
 *   <li>{@code GET /actuator/sqlmq/DLQ}: one queue, and what is dead in it.
 *   <li>{@code POST /actuator/sqlmq/DLQ}: puts dead letters back to the queues that they came from: the {@code messageId}, or {@code all}.
 * </ul>
 *
 * <p>{@code ?queue=} and a {@code queue} in the body of a POST are for names that a path cannot have.
 */
@Endpoint(id = "sqlmq")
public final class SqlmqEndpoint {
    private static final int LETTERS = 100;

    private final SqlmqConnectionFactory factory;

    SqlmqEndpoint(SqlmqConnectionFactory factory) {
        this.factory = factory;
    }

    /**
     * What is there.
     *
     * @param queues by name, those that hold messages
     * @param deadLetters the latest ones, 100 at most
     */
    public record Contents(List<QueueDepth> queues, List<DeadLetter> deadLetters) {}

    /** All queues. */
    @ReadOperation
    public Contents contents() throws JMSException {
        return new Contents(factory.admin().queues(), factory.admin().deadLetters(null, LETTERS));
    }

    /** One queue; a dead-letter queue with its letters. */
    @ReadOperation
    public Contents contentsOf(@Selector String queue) throws JMSException {
        return asked(() -> new Contents(
                factory.admin().queues().stream()
                        .filter(depth -> depth.queue().equals(queue))
                        .toList(),
                factory.admin().deadLetters(queue, LETTERS)));
    }

    /**
     * How many dead letters were put back.
     *
     * @param retried their number
     */
    public record Retried(long retried) {}

    /**
     * Puts dead letters back; one of them, or all if that is said: what is left out, or misspelt, does not mean all.
     *
     * @param all whether there is no {@code messageId}, and all are meant
     */
    @WriteOperation
    public Retried retry(
            @Selector String queue,
            @org.springframework.lang.Nullable @Nullable String messageId,
            @org.springframework.lang.Nullable @Nullable Boolean all)
            throws JMSException {
        if ((messageId == null) != Boolean.TRUE.equals(all)) {
            String reason = "Give either the messageId of a dead letter, or \"all\": true for all of the queue.";
            throw new InvalidEndpointRequestException(reason, reason);
        }
        return asked(() -> new Retried(factory.admin().retry(queue, messageId)));
    }

    /** What somebody asks for. */
    @FunctionalInterface
    private interface Asked<T> {
        T answer() throws JMSException;
    }

    private static <T> T asked(Asked<T> asked) throws JMSException {
        try {
            return asked.answer();
        } catch (JMSException e) {
            if (e instanceof InvalidDestinationException || "MESSAGE_ID".equals(e.getErrorCode())) {
                String reason = String.valueOf(e.getMessage());
                throw new InvalidEndpointRequestException(reason, reason, e);
            }
            throw e;
        }
    }
}
