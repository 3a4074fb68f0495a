package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.internal.destination.DestinationResolver;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.mapping.Deduplications;
import io.sqlmq.jms.internal.mapping.Inbound;
import io.sqlmq.jms.internal.mapping.Outbound;
import io.sqlmq.jms.internal.mode.AutoMode;
import io.sqlmq.jms.internal.mode.ClientMode;
import io.sqlmq.jms.internal.mode.DupsOkMode;
import io.sqlmq.jms.internal.mode.IndividualMode;
import io.sqlmq.jms.internal.mode.JoinedConnection;
import io.sqlmq.jms.internal.mode.JoinedWork;
import io.sqlmq.jms.internal.mode.TransactedMode;
import io.sqlmq.jms.internal.mode.WindowMode;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import io.sqlmq.jms.internal.threads.Lifecycle;
import io.sqlmq.message.MessageCodec;
import io.sqlmq.message.MessageFactory;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.sql.SQLException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What the sessions of a connection work with, by the options of the factory. Thread-safe. */
final class ConnectionServices {
    private final Engine engine;
    private final ConnectionSettings settings;
    private final SharedByConnections shared;
    private final MessageFactory messageFactory;
    private final Inbound inbound;
    private final Outbound outbound;
    private final SendProperties sendProperties;
    private final DestinationChecks checks;
    private final boolean logsMessages;

    ConnectionServices(Engine engine, ConnectionSettings settings, SharedByConnections shared) {
        this.engine = engine;
        this.settings = settings;
        this.shared = shared;
        MessageCodec codec = new MessageCodec(settings.trustedClasses());
        this.messageFactory = new MessageFactory(settings.trustedClasses());
        this.inbound = new Inbound(codec);
        this.outbound = new Outbound(
                messageFactory,
                codec,
                shared.selectors(),
                new Deduplications(settings.options().getDeduplicationWindow()),
                settings.options().getMaxMessageSize());
        this.sendProperties = new SendProperties(settings.options(), engine.senderIdentity());
        this.logsMessages = settings.options().isLogContext();
        this.checks = new DestinationChecks(engine, settings, shared.temporaryDestinations());
    }

    Engine engine() {
        return engine;
    }

    MessageFactory messageFactory() {
        return messageFactory;
    }

    Inbound inbound() {
        return inbound;
    }

    Outbound outbound() {
        return outbound;
    }

    /** Follows messages; null: nobody does. */
    @Nullable
    MessageTracer tracer() {
        return settings.tracer();
    }

    /** Whether the log is to tell which message a listener works on. */
    boolean logsMessages() {
        return logsMessages;
    }

    SendProperties sendProperties() {
        return sendProperties;
    }

    Executor executor() {
        return shared.executor();
    }

    CurrentSession currentSession() {
        return shared.currentSession();
    }

    DepthGate depthGate(Lifecycle session) {
        return new DepthGate(
                engine.queueDepths(), settings::depthLimit, settings.options().getSendTimeout(), session);
    }

    FailureRules failureRules(String queue, DestinationOptions options) throws InvalidDestinationException {
        try {
            return failureRulesOf(queue, options);
        } catch (IllegalArgumentException e) {
            throw new InvalidDestinationException(
                    "The redelivery options of " + queue + " do not fit its redelivery policy: " + e.getMessage(),
                    "DESTINATION_OPTIONS",
                    e);
        }
    }

    /**
     * As {@link #failureRules}.
     *
     * @throws IllegalArgumentException if the options contradict the policy of the queue
     */
    FailureRules failureRulesOf(String queue, DestinationOptions options) {
        return settings.failureRules(queue).with(options.redelivery());
    }

    /** The transaction of the application that the calling thread is in, or null. */
    @Nullable
    BoundTransaction boundTransaction() throws JMSException {
        try {
            BoundTransaction joined = JoinedConnection.BINDING.current();
            return joined != null ? joined : settings.transactionBinding().current();
        } catch (SQLException e) {
            throw JmsErrors.from("Looking for the transaction of the application", e);
        }
    }

    /** The session whose transaction a transaction manager of ours has begun on the calling thread, or null. */
    @Nullable
    SqlmqSession managedSession() throws JMSException {
        try {
            return isJoinedByHand() ? null : shared.managedSession().current();
        } catch (SQLException e) {
            throw JmsErrors.from("Looking for the transaction of the application", e);
        }
    }

    /** Whether the application itself has said which transaction the calling thread is in. */
    boolean isJoinedByHand() {
        return JoinedConnection.isJoined();
    }

    JoinedWork joinedWork(BoundTransaction transaction) {
        return shared.joinedWork().of(transaction, engine);
    }

    DestinationResolver names() {
        return settings.names();
    }

    DestinationChecks checks() {
        return checks;
    }

    /** How a session of that mode works. */
    WindowMode mode(int sessionMode) throws JMSException {
        return switch (sessionMode) {
            case Session.SESSION_TRANSACTED -> new TransactedMode(engine);
            case Session.AUTO_ACKNOWLEDGE ->
                new AutoMode(engine, settings.options().isOptimizeAcknowledge());
            case Session.CLIENT_ACKNOWLEDGE -> new ClientMode(engine);
            case Session.DUPS_OK_ACKNOWLEDGE -> new DupsOkMode(engine);
            case IndividualMode.CODE -> new IndividualMode(engine);
            default ->
                throw new JMSException(
                        "Session mode " + sessionMode + " is unknown. Use SESSION_TRANSACTED (0), AUTO_ACKNOWLEDGE (1),"
                                + " CLIENT_ACKNOWLEDGE (2), DUPS_OK_ACKNOWLEDGE (3) or 4 for individual acknowledgement.",
                        "SESSION_MODE");
        };
    }
}
