package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.jms.internal.mapping.Selectors;
import io.sqlmq.jms.internal.mapping.SendOptions;
import io.sqlmq.jms.internal.mode.JoinedMode;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.mode.Source;
import io.sqlmq.jms.internal.mode.WindowMode;
import io.sqlmq.jms.internal.threads.DeliveryGate;
import io.sqlmq.jms.internal.threads.Lifecycle;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session (§6.2). Its mode decides about acknowledging and transactions, its gate lets deliveries through, its
 * dispatch runs listeners. Only close may be called while another thread uses the session.
 *
 * <p>Locks: the monitors of {@link DeliveryGate}, {@link Lifecycle}, {@link ListenerDispatch} and
 * {@link SendCompletions} are leaves, held for a few instructions; the monitor of {@link WindowMode} is held for a
 * statement. None is taken while another is held (but a SerialTasks under SendCompletions), and no code of the application runs under any. What stop and close
 * wait for is counted, not locked.
 */
public class SqlmqSession extends SessionTopics implements QueueSession {
    private static final Logger log = LoggerFactory.getLogger(SqlmqSession.class);

    private final SqlmqConnection connection;
    private final WindowMode mode;
    private final Domain domain;
    private final Lifecycle lifecycle;
    private final DeliveryGate gate;
    private final ListenerDispatch dispatch;
    private final ServerSessionRuns serverSessionRuns;
    private final SendCompletions completions;
    private final DepthGate depthGate;
    private final List<SqlmqMessageConsumer> consumers = new CopyOnWriteArrayList<>();
    private final WeakReference<SqlmqSession> reference = new WeakReference<>(this);

    public SqlmqSession(SqlmqConnection connection, WindowMode mode, Domain domain) {
        super(connection, connection.services().messageFactory(), domain);
        this.connection = connection;
        this.mode = mode;
        this.domain = domain;
        this.lifecycle = new Lifecycle("session", connection.lifecycle());
        this.gate = new DeliveryGate(connection::isStarted, lifecycle::isClosing);
        this.completions = new SendCompletions(connection.services().executor());
        this.depthGate = connection.services().depthGate(lifecycle);
        this.dispatch =
                new ListenerDispatch(this, mode, gate, connection.services().executor());
        this.serverSessionRuns = new ServerSessionRuns(this, gate);
    }

    // ---- for the other classes of this package

    @Override
    public void checkOpen() throws IllegalStateException {
        lifecycle.checkOpen();
    }

    public boolean isClosed() {
        return lifecycle.isClosed();
    }

    public Lifecycle lifecycle() {
        return lifecycle;
    }

    DeliveryGate gate() {
        return gate;
    }

    WindowMode mode() {
        return mode;
    }

    ListenerDispatch dispatch() {
        return dispatch;
    }

    SqlmqConnection connection() {
        return connection;
    }

    /** The mode for one operation of the calling thread; to be followed by {@link SessionMode#operationDone}. */
    public SessionMode modeForOperation() throws JMSException {
        SqlmqSession managed = connection.services().managedSession();
        if (managed != null) {
            return new ManagedMode(managed);
        }
        BoundTransaction transaction = connection.services().boundTransaction();
        if (transaction != null) {
            return new JoinedMode(
                    connection.services().engine(),
                    transaction,
                    connection.services().joinedWork(transaction),
                    mode.code());
        }
        makeCurrent();
        return mode;
    }

    /**
     * The mode for a request whose answer the session is going to wait for, and for that answer. In a transaction of the application
     * it would not be seen before the end, which does not come while somebody waits; so what is not transacted asks outside of it, as
     * with every provider.
     */
    SessionMode modeForAsking() throws JMSException {
        return isTransacted() || connection.services().isJoinedByHand() ? modeForOperation() : mode;
    }

    private boolean isRequest(Message message) throws JMSException {
        return message.getJMSReplyTo() instanceof TemporaryQueue replies && consumesFrom(replies.getQueueName());
    }

    /**
     * In whose window the calling thread's receives look.
     *
     * @param asking whether for answers, see {@link #modeForAsking}
     */
    WindowMode modeForLooks(boolean asking) throws JMSException {
        SqlmqSession managed =
                asking && !isTransacted() ? null : connection.services().managedSession();
        return managed == null ? mode : managed.mode;
    }

    /** Whether the calling thread is in a transaction of the application, so that nothing is this session's to acknowledge or recover. */
    public boolean takesPart() throws JMSException {
        SessionMode current = modeForOperation();
        current.operationDone();
        return current != mode;
    }

    /** Lets {@code factory.transactionDataSource()} find this session on the calling thread. */
    public void makeCurrent() {
        if (isTransacted()) {
            connection.services().currentSession().set(reference);
        }
    }

    /** The connection of the transaction that the session works in, for the application's SQL. */
    public Connection ownConnection() throws JMSException {
        checkOpen();
        // A joined transaction's use is not ended here: the connection stays in the application's hands.
        SessionMode current = modeForOperation();
        // Before the application sees it, what was sent is written.
        return ExceptionTranslation.call(Right.SEND, "Using the session's transaction", current::connection);
    }

    /** What may be done in a transaction or, with null, outside of one. */
    interface Step {
        void run(@Nullable Connection connection) throws SQLException, JMSException;
    }

    /** Does something in the transaction that the calling thread is in. */
    void inTransaction(String what, Step step) throws JMSException {
        checkOpen();
        SessionMode current = modeForOperation();
        try {
            ExceptionTranslation.run(what, () -> step.run(current.isTransaction() ? current.connection() : null));
        } finally {
            current.operationDone();
        }
    }

    /** Text to keep with the messages that the next rollback or recover gives back. */
    public void noteFailure(String error) {
        mode.noteFailure(error);
    }

    /**
     * The message of a delivery, bound to this session; null if it cannot be read. Then its redelivery policy decides what
     * becomes of it; if that would deliver it for ever, it is set aside.
     *
     * @param tells whether the application hears of a message for which its policy decides
     */
    @Nullable
    SqlmqMessage read(Delivery delivery, SessionMode deliveredBy, boolean tells) throws JMSException {
        try {
            return messageOf(delivery, deliveredBy);
        } catch (JMSException | RuntimeException e) {
            Object id = delivery.row().id();
            if (e instanceof JMSException known && !delivery.retriesForEver()) {
                log.error("Message {} cannot be read", id, e);
                ExceptionTranslation.run(
                        "Giving back an unreadable message", () -> deliveredBy.unreadable(delivery, e.toString()));
                if (tells) {
                    throw known;
                }
                return null;
            }
            log.error(
                    "Message {} of {} cannot be read and is set aside",
                    id,
                    delivery.row().channel(),
                    e);
            ExceptionTranslation.run(
                    "Setting aside an unreadable message",
                    () -> deliveredBy.setAside(delivery, "it cannot be read: " + e));
            return null;
        }
    }

    private SqlmqMessage messageOf(Delivery delivery, SessionMode deliveredBy) throws JMSException {
        SqlmqMessage message = connection.services().inbound().message(delivery.row());
        message.setReceived(System.currentTimeMillis(), deliveredBy.isTransaction() ? delivery.transaction() : null);
        message.setDeliveryContext(new DeliveryContext(this, deliveredBy, delivery));
        message.setAcknowledger(() -> {
            checkOpen();
            ExceptionTranslation.run("Acknowledging", () -> deliveredBy.acknowledge(delivery));
        });
        return message;
    }

    void send(Destination destination, Message message, SendOptions options, @Nullable CompletionListener listener)
            throws JMSException {
        SqlmqDestination to = connection.services().names().resolve(destination);
        connection.services().checks().checkMaySend(to);
        MessageTracer tracer = connection.services().tracer();
        if (tracer == null) {
            send(destination, to, message, options, listener, null);
            return;
        }
        MessageTracer.Sending traced = tracer.send(message, to);
        try {
            send(destination, to, message, options, listener, traced);
        } catch (JMSException | RuntimeException | Error e) {
            traced.ended(message, e);
            throw e;
        }
    }

    private void send(
            Destination destination,
            SqlmqDestination to,
            Message message,
            SendOptions options,
            @Nullable CompletionListener listener,
            MessageTracer.@Nullable Sending traced)
            throws JMSException {
        SessionMode current = isRequest(message) ? modeForAsking() : modeForOperation();
        SqlmqSession owner = current instanceof ManagedMode managed ? managed.owner() : this;
        try {
            for (SqlmqDestination target : to.getCompositeDestinations()) {
                if (target.isQueue()) {
                    owner.depthGate.pass(
                            target.getName(), (current == mode || owner != this) && current.isTransaction());
                }
            }
            Map<String, Object> properties =
                    connection.services().sendProperties().of(current, traced);
            List<NewMessage> prepared = connection
                    .services()
                    .outbound()
                    .prepare(
                            destination,
                            to.getCompositeDestinations(),
                            message,
                            options,
                            properties,
                            connection::senders);
            String what = "Sending to " + to;
            if (listener == null) {
                ExceptionTranslation.run(Right.SEND, what, () -> current.sendAll(prepared));
                if (traced != null) {
                    traced.ended(message, null);
                }
            } else {
                sendAsync(what, current, prepared, message, listener, traced);
            }
        } finally {
            current.operationDone();
        }
    }

    private void sendAsync(
            String what,
            SessionMode current,
            List<NewMessage> prepared,
            Message message,
            CompletionListener listener,
            MessageTracer.@Nullable Sending traced)
            throws JMSException {
        setSendInProgress(message, true);
        CompletableFuture<Void> sent = null;
        try {
            sent = ExceptionTranslation.call(Right.SEND, what, () -> current.sendAllAsync(prepared));
        } finally {
            if (sent == null) {
                setSendInProgress(message, false);
            }
        }
        if (traced != null) {
            sent = sent.whenComplete((none, failure) -> traced.ended(message, failure));
        }
        completions.expect(sent, message, listener);
    }

    private static void setSendInProgress(Message message, boolean inProgress) {
        if (message instanceof SqlmqMessage own) {
            own.setSendInProgress(inProgress);
        }
    }

    boolean consumesFrom(String queue) {
        return consumers.stream().anyMatch(consumer -> consumer.consumesFrom(queue));
    }

    void remove(SqlmqMessageConsumer consumer) {
        consumers.remove(consumer);
    }

    // ---- stop, start, close

    /** The connection was started. */
    void started() {
        gate.changed();
        dispatch.wake();
    }

    /** The connection was stopped: waits for the delivery on its way and lets go what nobody has seen. */
    void stopped() {
        gate.awaitQuiet();
        mode.release();
    }

    /** Refuses what must not be called by a listener of this session (§6.1.4, §6.1.5, §6.2.15). */
    void refuseInListener(String method) throws IllegalStateException {
        if (gate.inListener()) {
            throw new IllegalStateException(
                    method + "() must not be called by a message listener of the same session or connection.",
                    "IN_MESSAGE_LISTENER");
        }
    }

    void refuseInCallback(String method) throws IllegalStateException {
        completions.refuseInCallback(method);
    }

    void awaitCallbacks() {
        completions.awaitAll();
    }

    @Override
    public void close() throws JMSException {
        if (lifecycle.isClosed()) {
            return;
        }
        refuseInListener("close");
        refuseInCallback("close");
        if (beginClose()) {
            awaitDeliveries();
            finishClose();
        }
    }

    /** Ends deliveries; false when that was done before. */
    boolean beginClose() {
        if (!lifecycle.beginClose()) {
            return false;
        }
        gate.changed();
        consumers.forEach(SqlmqMessageConsumer::endWaits);
        return true;
    }

    /** Waits until receives and listeners have returned; what they use still works. */
    void awaitDeliveries() {
        gate.awaitQuiet();
        consumers.forEach(SqlmqMessageConsumer::awaitReceives);
        completions.awaitAll();
    }

    void finishClose() {
        lifecycle.close();
        serverSessionRuns.dropLoads();
        consumers.forEach(SqlmqMessageConsumer::endWaits);
        mode.close();
        consumers.forEach(SqlmqMessageConsumer::ended);
        consumers.clear();
        connection.remove(this);
    }

    // ---- transactions and acknowledging

    public boolean isTransacted() {
        return mode.code() == Session.SESSION_TRANSACTED;
    }

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return isTransacted();
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return mode.code();
    }

    @Override
    public void commit() throws JMSException {
        endTransaction("commit", "Commit", false, SessionMode::commit);
    }

    @Override
    public void rollback() throws JMSException {
        endTransaction("rollback", "Rollback", false, SessionMode::rollback);
    }

    /** Commits its own transaction, whichever the calling thread is in: for the transaction manager that has begun it. */
    public void commitManaged() throws JMSException {
        endTransaction("commit", "Commit", true, SessionMode::commit);
    }

    /** As {@link #commitManaged}, but rolls back. */
    public void rollbackManaged() throws JMSException {
        endTransaction("rollback", "Rollback", true, SessionMode::rollback);
    }

    /** The connection of its own transaction, whichever the calling thread is in: for the transaction manager that has begun it. */
    public Connection managedConnection() throws JMSException {
        checkOpen();
        return ExceptionTranslation.call(Right.SEND, "Using the session's transaction", mode::connection);
    }

    /** Whether nobody has left anything open in it, so that it can be used again by somebody else. */
    public boolean isReusable() {
        return !lifecycle.isClosing() && consumers.isEmpty() && serverSessionRuns.listener() == null && !hasWork();
    }

    /** Whether closing it would undo something. */
    public boolean hasWork() {
        return mode.hasWork();
    }

    private interface TransactionEnd {
        void end(SessionMode mode) throws JMSException, SQLException;
    }

    private void endTransaction(String method, String what, boolean managed, TransactionEnd end) throws JMSException {
        checkOpen();
        refuseInCallback(method);
        if (isTransacted()) {
            completions.awaitAll();
        }
        SessionMode current = isTransacted() && !managed ? modeForOperation() : mode;
        try {
            if (current != mode && mode.hasWork()) {
                // Of a listener that suspended the transaction in which its container now ends what the session did.
                ExceptionTranslation.run(what, () -> end.end(mode));
            }
            ExceptionTranslation.run(what, () -> end.end(current));
        } finally {
            depthGate.transactionEnded();
            if (!gate.inListener()) {
                connection.services().currentSession().ended(reference);
            }
            current.operationDone();
        }
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        SessionMode current = isTransacted() ? mode : modeForOperation();
        try {
            ExceptionTranslation.run("Recovering", current::recover);
        } finally {
            current.operationDone();
        }
    }

    // ---- producers, consumers, browsers

    @Override
    public SqlmqMessageProducer createProducer(@Nullable Destination destination) throws JMSException {
        checkOpen();
        if (destination != null) {
            connection
                    .services()
                    .checks()
                    .checkKnown(connection.services().names().resolve(destination));
        }
        return new SqlmqMessageProducer(this, destination);
    }

    @Override
    public QueueSender createSender(@Nullable Queue queue) throws JMSException {
        checkOpen();
        domain.requireQueues("createSender");
        if (queue != null) {
            Destinations.rawQueueName(queue);
            connection
                    .services()
                    .checks()
                    .checkKnown(connection.services().names().resolve(queue));
        }
        return new SqlmqQueueSender(this, queue);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return createConsumer(destination, null);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector) throws JMSException {
        return createConsumer(destination, selector, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        return Destinations.isTopic(destination)
                ? topicConsumer(destination, selector, noLocal)
                : queueConsumer(destination, selector);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return createReceiver(queue, null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, @Nullable String selector) throws JMSException {
        checkOpen();
        domain.requireQueues("createReceiver");
        return queueConsumer(queue, selector);
    }

    private SqlmqQueueReceiver queueConsumer(Destination destination, @Nullable String selector) throws JMSException {
        checkOpen();
        Destinations.rawQueueName(destination);
        SqlmqDestination queue = connection.services().names().resolve(destination);
        String text = Selectors.text(selector) == null ? queue.getOptions().selector() : selector;
        Selection selection =
                Selectors.parse(text, connection.services().engine().columns());
        Source source = new QueueSources(connection, queue.getOptions(), selection).source(queue);
        return opened(new SqlmqQueueReceiver(this, (Queue) queue, source, Selectors.text(text)));
    }

    @Override
    SqlmqSession self() {
        return this;
    }

    @Override
    public <C extends SqlmqMessageConsumer> C opened(C consumer) {
        consumers.add(consumer);
        if (lifecycle.isClosing()) {
            consumer.endWaits();
        }
        if (lifecycle.isClosed()) {
            consumer.ended(); // close() may have listed the consumers before this one was among them
        }
        return consumer;
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) throws JMSException {
        checkOpen();
        domain.requireQueues("createBrowser");
        Destinations.rawQueueName(queue);
        String name = QueueSources.oneName(connection.services().names().resolve(queue), "browsed");
        connection.services().checks().checkDeclared(SqlmqQueue.literal(name), Right.RECEIVE);
        Selection selection =
                Selectors.parse(selector, connection.services().engine().columns());
        return new SqlmqQueueBrowser(this, queue, name, selection, Selectors.text(selector));
    }

    @Override
    public Queue createQueue(@Nullable String name) throws JMSException {
        checkOpen();
        domain.requireQueues("createQueue");
        return connection.services().names().queue(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkOpen();
        domain.requireQueues("createTemporaryQueue");
        return connection.temporaries().createQueue();
    }

    // ---- the facilities for application servers (§11.2)

    ServerSessionRuns serverSessionRuns() {
        return serverSessionRuns;
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return serverSessionRuns.listener();
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        checkOpen();
        if (listener != null) {
            if (consumers.stream().anyMatch(consumer -> consumer.listener() != null)) {
                throw new IllegalStateException(
                        "A consumer of this session has a message listener. Use another session.", "SESSION_LISTENER");
            }
            ExceptionTranslation.run("Preparing for a listener", mode::useForListener);
        }
        serverSessionRuns.listener(listener);
    }

    /** Delivers what a connection consumer has loaded to the session's listener; nothing, when that is nothing. */
    @Override
    public void run() {
        serverSessionRuns.run();
    }
}
