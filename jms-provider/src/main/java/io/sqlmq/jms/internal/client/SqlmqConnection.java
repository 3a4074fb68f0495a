package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.OutageListener;
import io.sqlmq.jms.internal.client.ConnectionConsumers.Pool;
import io.sqlmq.jms.internal.destination.OwnTemporaries;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.mode.WindowMode;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import io.sqlmq.jms.internal.threads.ExceptionDispatch;
import io.sqlmq.jms.internal.threads.Lifecycle;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A connection (§6.1): sessions, their common start and stop, client identifier, temporary destinations, exception
 * listener. Holds no database connection. Thread-safe: its state is a few volatile fields and concurrent sets.
 */
public class SqlmqConnection implements QueueConnection, TopicConnection {
    private static final String CLIENT_MARK = "client:";
    private static final String CONNECTION_MARK = "connection:";

    private final Engine engine;
    private final SharedByConnections shared;
    private final ConnectionServices services;
    private final Domain domain;
    private final Lifecycle lifecycle = new Lifecycle("connection", null);
    private final Set<SqlmqSession> sessions = ConcurrentHashMap.newKeySet();
    /** Tells this connection from all others, also of other processes. */
    private final UUID identity = UUID.randomUUID();

    private final OwnTemporaries temporaries;
    private final ExceptionDispatch exceptions;
    private final OutageListener outageListener = this::outage;
    private volatile boolean started;
    /** Too late for a client identifier. Listening for exceptions and stopping do not need one, so they may come first. */
    private volatile boolean used;

    private final ClientIdentity clientIdentity;
    private final ConnectionConsumers connectionConsumers = new ConnectionConsumers(this);

    /**
     * A stopped connection. No SQL, unless there is a preset client identifier.
     *
     * @throws InvalidClientIDException when the preset client identifier is in use
     */
    public SqlmqConnection(Engine engine, ConnectionSettings settings, SharedByConnections shared, Domain domain)
            throws JMSException {
        this.engine = engine;
        this.shared = shared;
        this.domain = domain;
        this.services = new ConnectionServices(engine, settings, shared);
        this.temporaries = new OwnTemporaries(engine, shared.temporaryDestinations(), lifecycle, this::isConsumedFrom);
        this.exceptions = new ExceptionDispatch(shared.executor());
        this.clientIdentity = new ClientIdentity(engine.clientIdentifiers());
        String presetClientId = settings.options().getClientID();
        if (presetClientId != null) {
            clientIdentity.take(presetClientId);
        }
    }

    // ---- for the sessions

    /** What they work with. */
    ConnectionServices services() {
        return services;
    }

    public Lifecycle lifecycle() {
        return lifecycle;
    }

    boolean isStarted() {
        return started;
    }

    void remove(SqlmqSession session) {
        sessions.remove(session);
    }

    // ---- temporary destinations

    OwnTemporaries temporaries() {
        return temporaries;
    }

    private boolean isConsumedFrom(String name) {
        return connectionConsumers.consumeFrom(name)
                || sessions.stream().anyMatch(session -> session.consumesFrom(name));
    }

    // ---- subscriptions

    @Nullable
    String clientIdOrNull() {
        return clientIdentity.get();
    }

    /** The namespace of the connection's subscriptions. */
    String clientIdOrEmpty() {
        String id = clientIdentity.get();
        return id == null ? "" : id;
    }

    /** What a noLocal subscription calls the senders whose messages it does not get (§8.3.3). */
    String noLocalMark(boolean durable) {
        return durable ? CLIENT_MARK + clientIdOrEmpty() : CONNECTION_MARK + identity;
    }

    /** What noLocal subscriptions may call this connection. */
    Set<String> senders() {
        String id = clientIdentity.get();
        String own = CONNECTION_MARK + identity;
        return id == null ? Set.of(own) : Set.of(own, CLIENT_MARK + id);
    }

    /** Reports a failure that no call can throw. */
    void report(JMSException failure) {
        exceptions.report(failure);
    }

    /** Refuses to consume from a temporary destination of another connection, or from a deleted one (§6.2.2). */
    void checkMayConsume(String queue) throws InvalidDestinationException {
        temporaries.checkMayConsume(queue);
        services.checks().checkExists(queue);
    }

    // ---- sessions

    @Override
    public Session createSession() throws JMSException {
        return createSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return newSession(transacted ? Session.SESSION_TRANSACTED : nonTransacted(acknowledgeMode), Domain.COMMON);
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return newSession(sessionMode, Domain.COMMON);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        lifecycle.checkOpen();
        domain.requireQueues("createQueueSession");
        return newSession(transacted ? Session.SESSION_TRANSACTED : nonTransacted(acknowledgeMode), Domain.QUEUE);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        lifecycle.checkOpen();
        domain.requireTopics("createTopicSession");
        return newSession(transacted ? Session.SESSION_TRANSACTED : nonTransacted(acknowledgeMode), Domain.TOPIC);
    }

    private static int nonTransacted(int acknowledgeMode) throws JMSException {
        if (acknowledgeMode == Session.SESSION_TRANSACTED) {
            throw new JMSException(
                    "SESSION_TRANSACTED is not an acknowledge mode. Pass true for transacted.", "SESSION_MODE");
        }
        return acknowledgeMode;
    }

    private SqlmqSession newSession(int sessionMode, Domain sessionDomain) throws JMSException {
        lifecycle.checkOpen();
        used = true;
        return opened(new SqlmqSession(this, services.mode(sessionMode), sessionDomain));
    }

    /** A session was made. */
    public final <S extends SqlmqSession> S opened(S session) throws JMSException {
        sessions.add(session);
        if (lifecycle.isClosing()) {
            // close() may have listed the sessions before this one was among them
            session.close();
            throw new IllegalStateException("The connection is closed.", "CLOSED");
        }
        return session;
    }

    /** How a session works that acknowledges by itself; begins the use of the connection. */
    public final WindowMode automatic() throws JMSException {
        lifecycle.checkOpen();
        used = true;
        return services.mode(Session.AUTO_ACKNOWLEDGE);
    }

    // ---- start, stop, close

    @Override
    public void start() throws JMSException {
        lifecycle.checkOpen();
        used = true;
        if (started) {
            return; // Spring's containers start it for each message
        }
        started = true;
        sessions.forEach(SqlmqSession::started);
        connectionConsumers.started();
    }

    @Override
    public void stop() throws JMSException {
        lifecycle.checkOpen();
        for (SqlmqSession session : sessions) {
            session.refuseInListener("stop");
        }
        started = false;
        sessions.forEach(SqlmqSession::stopped);
    }

    @Override
    public void close() throws JMSException {
        if (lifecycle.isClosed()) {
            return;
        }
        for (SqlmqSession session : sessions) {
            session.refuseInListener("close");
            session.refuseInCallback("close");
        }
        if (!lifecycle.beginClose()) {
            return;
        }
        Runnable consumersEnd = connectionConsumers.beginClose();
        List<SqlmqSession> closing = new ArrayList<>();
        for (SqlmqSession session : sessions) {
            if (session.beginClose()) {
                closing.add(session);
            }
        }
        closing.forEach(SqlmqSession::awaitDeliveries);
        closing.forEach(SqlmqSession::finishClose);
        consumersEnd.run();
        lifecycle.close();
        shared.closed(this);
        engine.removeOutageListener(outageListener);
        temporaries.deleteAll();
        clientIdentity.giveBack();
    }

    // ---- client identifier, meta data, exception listener

    @Override
    public @Nullable String getClientID() throws JMSException {
        lifecycle.checkOpen();
        return clientIdentity.get();
    }

    @Override
    public void setClientID(@Nullable String clientId) throws JMSException {
        lifecycle.checkOpen();
        if (clientIdentity.get() != null) {
            throw new IllegalStateException(
                    "The connection has the client identifier '" + clientIdentity.get() + "' already.", "CLIENT_ID");
        }
        if (used) {
            throw new IllegalStateException(
                    "The client identifier must be set before the connection is used in any other way.", "CLIENT_ID");
        }
        if (clientId == null) {
            throw new InvalidClientIDException("The client identifier is null.", "CLIENT_ID");
        }
        clientIdentity.take(clientId);
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        lifecycle.checkOpen();
        return new ProviderMetaData(services.sendProperties().names(), () -> shared.checkHealth(engine));
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        lifecycle.checkOpen();
        return exceptions.listener();
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) throws JMSException {
        lifecycle.checkOpen();
        boolean listened = exceptions.listener() != null;
        exceptions.listener(listener);
        if (listener != null && !listened) {
            engine.addOutageListener(outageListener);
        } else if (listener == null && listened) {
            engine.removeOutageListener(outageListener);
        }
    }

    private void outage(SQLException cause) {
        exceptions.report(JmsErrors.from("Reaching the database", cause));
    }

    /**
     * Logs and reports a failure that no call can throw, but for broken connections: the engine does that.
     *
     * @param what what failed and what comes next, as the line of the log
     */
    void failed(Logger log, String what, Throwable failure) {
        if (failure instanceof JMSException exception && JmsErrors.isOutage(exception.getErrorCode())) {
            log.debug(what, failure);
            return;
        }
        log.warn(what, failure);
        if (failure instanceof JMSException exception) {
            exceptions.report(exception);
        }
    }

    // ---- connection consumers (§11.2)

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        use();
        return connectionConsumers.of(destination, selector, Pool.checked(pool, maxMessages));
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        use();
        domain.requireQueues("createConnectionConsumer");
        return connectionConsumers.of(queue, selector, Pool.checked(pool, maxMessages));
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        useTopics("createConnectionConsumer");
        return connectionConsumers.of(topic, selector, Pool.checked(pool, maxMessages));
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String subscription, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        useTopics("createSharedConnectionConsumer");
        Pool checked = Pool.checked(pool, maxMessages);
        return connectionConsumers.of(Subscribed.shared(this, topic, subscription, selector, false), checked);
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String subscription, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        useTopics("createDurableConnectionConsumer");
        Pool checked = Pool.checked(pool, maxMessages);
        return connectionConsumers.of(Subscribed.durable(this, topic, subscription, selector, false), checked);
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String subscription, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        useTopics("createSharedDurableConnectionConsumer");
        Pool checked = Pool.checked(pool, maxMessages);
        return connectionConsumers.of(Subscribed.shared(this, topic, subscription, selector, true), checked);
    }

    private void use() throws IllegalStateException {
        lifecycle.checkOpen();
        used = true;
    }

    private void useTopics(String method) throws IllegalStateException {
        use();
        domain.requireTopics(method);
    }
}
