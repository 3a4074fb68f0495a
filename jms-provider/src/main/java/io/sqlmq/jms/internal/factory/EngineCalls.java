package io.sqlmq.jms.internal.factory;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.TransactionBinding.Status;
import io.sqlmq.jms.access.EngineAccess;
import io.sqlmq.jms.internal.client.ListenerScope;
import io.sqlmq.jms.internal.client.SharedByConnections;
import io.sqlmq.jms.internal.client.SqlmqSession;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.mapping.Inbound;
import io.sqlmq.jms.internal.mode.JoinedConnection;
import io.sqlmq.jms.internal.mode.JoinedMode;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.MessageFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of a factory for who works without sessions, in the transactions in which sessions would. Thread-safe. */
public final class EngineCalls implements EngineAccess {
    private static final Logger LOG = LoggerFactory.getLogger(EngineCalls.class);
    private static final String SENDING = "Sending";

    private final Engines engines;
    private final ConnectionSettings settings;
    private final SharedByConnections shared;
    private final MessageCodec codec;

    public EngineCalls(Engines engines, ConnectionSettings settings, SharedByConnections shared) {
        this.engines = engines;
        this.settings = settings;
        this.shared = shared;
        this.codec = new MessageCodec(settings.trustedClasses());
    }

    @Override
    public Engine engine() throws JMSException {
        return engines.engine(null, null, settings.inTransaction());
    }

    @Override
    public FailureRules failureRules(String queue) {
        return settings.failureRules(queue);
    }

    @Override
    public long maxMessageSize() {
        return settings.options().getMaxMessageSize();
    }

    @Override
    public void send(List<NewMessage> messages) throws JMSException {
        traced(messages, this::write);
    }

    @Override
    public void send(Connection connection, List<NewMessage> messages) throws JMSException {
        traced(messages, sent -> write(connection, sent));
    }

    /** Writes messages. */
    @FunctionalInterface
    private interface Writing {
        void write(List<NewMessage> messages) throws JMSException;
    }

    private void traced(List<NewMessage> messages, Writing writing) throws JMSException {
        MessageTracer tracer = settings.tracer();
        if (tracer == null) {
            writing.write(messages);
            return;
        }
        TracedSends traced = new TracedSends(tracer, codec, new MessageFactory(settings.trustedClasses()));
        Throwable failure = null;
        try {
            writing.write(traced.begin(messages));
        } catch (JMSException | RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            traced.end(failure);
        }
    }

    private void write(List<NewMessage> messages) throws JMSException {
        SqlmqSession managed = managed();
        if (managed != null) {
            ExceptionTranslation.run(SENDING, () -> managed.modeForOperation().sendAll(messages));
            return;
        }
        BoundTransaction bound = bound();
        if (bound == null) {
            Engine engine = engines.engine(null, null, false);
            ExceptionTranslation.run(SENDING, () -> engine.send(messages));
            return;
        }
        try {
            Engine engine = engines.engine(null, null, true);
            SessionMode mode =
                    new JoinedMode(engine, bound, shared.joinedWork().of(bound, engine), Session.AUTO_ACKNOWLEDGE);
            ExceptionTranslation.run(SENDING, () -> mode.sendAll(messages));
        } finally {
            release(bound);
        }
    }

    private void write(Connection connection, List<NewMessage> messages) throws JMSException {
        Engine engine = engines.engine(null, null, true);
        ExceptionTranslation.run(SENDING, () -> {
            if (connection.getAutoCommit()) {
                sendAndCommit(engine, connection, messages);
            } else {
                engine.sendJoined(connection, messages, new HashSet<>());
            }
        });
    }

    /** All or none, also where they take several statements. */
    private static void sendAndCommit(Engine engine, Connection connection, List<NewMessage> messages)
            throws SQLException {
        connection.setAutoCommit(false);
        boolean done = false;
        try {
            Set<String> touched = engine.sendJoined(connection, messages, new HashSet<>());
            connection.commit();
            done = true;
            engine.joinedEnded(touched);
        } finally {
            if (!done) {
                connection.rollback();
            }
            connection.setAutoCommit(true);
        }
    }

    @Override
    public MessageTracer.@Nullable Processing process(Delivery.Row row) {
        MessageTracer tracer = settings.tracer();
        boolean logs = settings.options().isLogContext();
        if (tracer == null && !logs) {
            return null;
        }
        try {
            ListenerScope scope = ListenerScope.begin(tracer, logs, row, new Inbound(codec).message(row.withoutBody()));
            return scope::end;
        } catch (JMSException | RuntimeException e) {
            LOG.debug("Message {} cannot be read, and so not be traced", row.id(), e);
            return null;
        }
    }

    @Override
    public @Nullable CurrentTransaction transaction() throws JMSException {
        SqlmqSession managed = managed();
        if (managed != null) {
            return new Managed(managed.ownConnection());
        }
        BoundTransaction bound = bound();
        return bound == null ? null : new Bound(bound);
    }

    /** The session whose transaction a transaction manager of ours has begun on the calling thread. */
    private @Nullable SqlmqSession managed() throws JMSException {
        try {
            return JoinedConnection.isJoined() ? null : shared.managedSession().current();
        } catch (SQLException e) {
            throw JmsErrors.from("Looking for the transaction of the application", e);
        }
    }

    private @Nullable BoundTransaction bound() throws JMSException {
        try {
            BoundTransaction joined = JoinedConnection.BINDING.current();
            return joined != null ? joined : settings.transactionBinding().current();
        } catch (SQLException e) {
            throw JmsErrors.from("Looking for the transaction of the application", e);
        }
    }

    private static void release(BoundTransaction bound) throws JMSException {
        try {
            bound.release();
        } catch (SQLException e) {
            throw JmsErrors.from("Leaving the transaction of the application", e);
        }
    }

    private record Managed(Connection connection) implements CurrentTransaction {
        @Override
        public void afterCompletion(Consumer<Status> action) {
            // Its session does not tell.
        }

        @Override
        public void close() {
            // The session keeps its connection.
        }
    }

    private record Bound(BoundTransaction transaction) implements CurrentTransaction {
        @Override
        public Connection connection() {
            return transaction.connection();
        }

        @Override
        public void afterCompletion(Consumer<Status> action) {
            transaction.afterCompletion(action);
        }

        @Override
        public void close() throws JMSException {
            release(transaction);
        }
    }
}
