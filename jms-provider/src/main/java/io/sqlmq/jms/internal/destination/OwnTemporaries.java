package io.sqlmq.jms.internal.destination;

import io.sqlmq.engine.Engine;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.threads.Lifecycle;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The temporary destinations of one connection (§6.2.2). Thread-safe. */
public final class OwnTemporaries {
    private final Engine engine;
    private final TemporaryDestinations all;
    private final Lifecycle connection;
    private final Predicate<String> consumedFrom;
    private volatile @Nullable String prefix;

    /**
     * None yet. No SQL.
     *
     * @param consumedFrom whether the connection consumes from the destination of this name
     */
    public OwnTemporaries(
            Engine engine, TemporaryDestinations all, Lifecycle connection, Predicate<String> consumedFrom) {
        this.engine = engine;
        this.all = all;
        this.connection = connection;
        this.consumedFrom = consumedFrom;
    }

    public TemporaryQueue createQueue() throws JMSException {
        return new SqlmqTemporaryQueue(all.create(prefix()), this::deleteQueue);
    }

    public TemporaryTopic createTopic() throws JMSException {
        return new SqlmqTemporaryTopic(all.create(prefix()), this::deleteTopic);
    }

    private synchronized String prefix() throws JMSException {
        String own = prefix;
        if (own == null) {
            own = all.newOwner(ExceptionTranslation.call(
                    "Creating a temporary destination", () -> engine.temporaryPrefix(all::isDeleted)));
            prefix = own;
        }
        return own;
    }

    private void deleteQueue(String name) throws JMSException {
        delete(name, "queue", "TEMPORARY_QUEUE");
        engine.discard(List.of(name));
    }

    private void deleteTopic(String name) throws JMSException {
        delete(name, "topic", "TEMPORARY_TOPIC");
    }

    private void delete(String name, String kind, String code) throws JMSException {
        connection.checkOpen();
        if (consumedFrom.test(name)) {
            throw new IllegalStateException(
                    "The temporary " + kind + " " + name + " has consumers. Close them first.", code);
        }
        all.delete(name);
    }

    /** Refuses to consume from a temporary destination of another connection. */
    public void checkMayConsume(String name) throws InvalidDestinationException {
        String own = prefix;
        if (TemporaryDestinations.isTemporary(name) && (own == null || !name.startsWith(own))) {
            throw new InvalidDestinationException(
                    "The temporary destination " + name
                            + " belongs to another connection; only that may consume from it.",
                    "TEMPORARY_DESTINATION");
        }
    }

    /** The connection is closed. */
    public void deleteAll() {
        String own = prefix;
        if (own != null) {
            engine.discard(all.deleteAll(own));
        }
    }
}
