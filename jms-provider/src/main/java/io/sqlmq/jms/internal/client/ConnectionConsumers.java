package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.jms.internal.mapping.Selectors;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ServerSessionPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The connection consumers of one connection (§11.2). Thread-safe. */
final class ConnectionConsumers {
    private final SqlmqConnection connection;
    private final Set<SqlmqConnectionConsumer> open = ConcurrentHashMap.newKeySet();

    ConnectionConsumers(SqlmqConnection connection) {
        this.connection = connection;
    }

    /**
     * What an application server gives.
     *
     * @param maxMessages how many messages a session is loaded with at most
     */
    record Pool(ServerSessionPool pool, int maxMessages) {
        static Pool checked(@Nullable ServerSessionPool pool, int maxMessages) throws JMSException {
            if (pool == null) {
                throw new JMSException("The server session pool is null.", "SERVER_SESSION_POOL");
            }
            if (maxMessages < 1) {
                throw new JMSException(
                        "maxMessages is " + maxMessages + ". A session must be allowed at least 1 message.",
                        "MAX_MESSAGES");
            }
            return new Pool(pool, maxMessages);
        }
    }

    /** A consumer of a queue, or of a topic by a subscription that ends with it. */
    ConnectionConsumer of(Destination destination, @Nullable String selector, Pool pool) throws JMSException {
        return Destinations.isTopic(destination)
                ? of(Subscribed.alone(connection, destination, selector, false), pool)
                : ofQueue(destination, selector, pool);
    }

    private ConnectionConsumer ofQueue(Destination destination, @Nullable String selector, Pool pool)
            throws JMSException {
        Destinations.rawQueueName(destination);
        SqlmqDestination resolved = connection.services().names().resolve(destination);
        String queue = QueueSources.oneName(resolved, "consumed by a connection consumer");
        DestinationOptions options = resolved.getOptions();
        Engine engine = connection.services().engine();
        String text = Selectors.text(selector) == null ? options.selector() : selector;
        QueueSources sources = new QueueSources(connection, options, Selectors.parse(text, engine.columns()));
        Supplier<ChannelConsumer> source = sources.supplier(queue);
        return opened(new SqlmqConnectionConsumer(
                connection, this, queue, source, () -> {}, pool.pool(), pool.maxMessages()));
    }

    /** A consumer of a subscription. */
    ConnectionConsumer of(Subscribed subscribed, Pool pool) throws JMSException {
        return opened(new SqlmqConnectionConsumer(
                connection,
                this,
                subscribed.name(),
                subscribed::open,
                subscribed.membership()::leave,
                pool.pool(),
                pool.maxMessages()));
    }

    private ConnectionConsumer opened(SqlmqConnectionConsumer consumer) throws JMSException {
        open.add(consumer);
        if (connection.lifecycle().isClosing()) {
            // close() may have listed the consumers before this one was among them
            consumer.close();
            throw new IllegalStateException("The connection is closed.", "CLOSED");
        }
        consumer.wake();
        return consumer;
    }

    void remove(SqlmqConnectionConsumer consumer) {
        open.remove(consumer);
    }

    boolean consumeFrom(String name) {
        return open.stream().anyMatch(consumer -> consumer.consumesFrom(name));
    }

    /** The connection was started. */
    void started() {
        open.forEach(SqlmqConnectionConsumer::wake);
    }

    /** No session is loaded any more; the connection then waits for those that run, and calls what is returned. */
    Runnable beginClose() {
        List<SqlmqConnectionConsumer> closing = new ArrayList<>();
        for (SqlmqConnectionConsumer consumer : open) {
            if (consumer.beginClose()) {
                closing.add(consumer);
            }
        }
        return () -> closing.forEach(SqlmqConnectionConsumer::finishClose);
    }
}
