package io.sqlmq.jms.internal.context;

import io.sqlmq.jms.internal.errors.Unchecked;
import io.sqlmq.jms.internal.mode.IndividualMode;
import io.sqlmq.jms.internal.threads.Lifecycle;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The simplified API (§6.3) over a connection and a session of the classic one. The session is made when it is first
 * needed, because the client identifier can only be set before.
 */
public class SqlmqContext implements JMSContext {
    private final SharedConnection shared;
    private final Connection connection;
    private final int sessionMode;
    private final Lifecycle lifecycle = new Lifecycle("JMSContext", null);
    private @Nullable Session session;
    private volatile boolean autoStart = true;
    private volatile @Nullable Message lastReceived;

    /**
     * A context that owns {@code connection}.
     *
     * @param sessionMode as {@link jakarta.jms.ConnectionFactory#createContext(int)} has it, or 4
     * @throws JMSRuntimeException when the mode is unknown
     */
    public SqlmqContext(Connection connection, int sessionMode) {
        this(new SharedConnection(connection), sessionMode);
    }

    private SqlmqContext(SharedConnection shared, int sessionMode) {
        this.shared = shared;
        this.connection = shared.get();
        this.sessionMode = sessionMode;
    }

    /** Whether a context can have that mode. */
    public static void checkSessionMode(int sessionMode) {
        if (sessionMode < 0 || sessionMode > IndividualMode.CODE) {
            throw new JMSRuntimeException("Session mode " + sessionMode + " is unknown.", "SESSION_MODE");
        }
    }

    final synchronized Session session() throws JMSException {
        lifecycle.checkOpen();
        Session current = session;
        if (current == null) {
            current = newSession(connection);
            session = current;
        }
        return current;
    }

    final void checkOpen() throws IllegalStateException {
        lifecycle.checkOpen();
    }

    /** The session of this context. */
    Session newSession(Connection connection) throws JMSException {
        return connection.createSession(sessionMode);
    }

    /** Remembers what acknowledge() is for. */
    void received(Message message) {
        if (sessionMode == CLIENT_ACKNOWLEDGE) {
            lastReceived = message;
        }
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        checkSessionMode(sessionMode);
        return Unchecked.call(() -> {
            lifecycle.checkOpen();
            shared.join();
            return new SqlmqContext(shared, sessionMode);
        });
    }

    @Override
    public JMSProducer createProducer() {
        return Unchecked.call(() -> new SqlmqJmsProducer(session()));
    }

    // ---- the connection

    @Override
    public @Nullable String getClientID() {
        return onConnection(Connection::getClientID);
    }

    @Override
    public void setClientID(@Nullable String clientID) {
        Unchecked.run(() -> {
            lifecycle.checkOpen();
            synchronized (this) {
                if (session != null) {
                    throw new IllegalStateException(
                            "The client identifier must be set before the JMSContext is used in any other way.",
                            "CLIENT_ID");
                }
            }
            connection.setClientID(clientID);
        });
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return onConnection(Connection::getMetaData);
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() {
        return onConnection(Connection::getExceptionListener);
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) {
        Unchecked.run(() -> {
            lifecycle.checkOpen();
            connection.setExceptionListener(listener);
        });
    }

    @Override
    public void start() {
        Unchecked.run(() -> {
            lifecycle.checkOpen();
            connection.start();
        });
    }

    @Override
    public void stop() {
        Unchecked.run(() -> {
            lifecycle.checkOpen();
            connection.stop();
        });
    }

    @Override
    public void setAutoStart(boolean autoStart) {
        Unchecked.run(lifecycle::checkOpen);
        this.autoStart = autoStart;
    }

    @Override
    public boolean getAutoStart() {
        Unchecked.run(lifecycle::checkOpen);
        return autoStart;
    }

    private interface ConnectionCall<T extends @Nullable Object> {
        T on(Connection connection) throws JMSException;
    }

    private <T extends @Nullable Object> T onConnection(ConnectionCall<T> call) {
        return Unchecked.call(() -> {
            lifecycle.checkOpen();
            return call.on(connection);
        });
    }

    @Override
    public void close() {
        Unchecked.run(() -> {
            Session current;
            synchronized (this) {
                if (lifecycle.isClosed()) {
                    return;
                }
                current = session;
            }
            if (current != null) {
                // Throws, and leaves this context open, when called by one of its own listeners.
                current.close();
            }
            synchronized (this) {
                if (lifecycle.isClosed()) {
                    return;
                }
                lifecycle.close();
            }
            lastReceived = null;
            shared.leave();
        });
    }

    // ---- messages

    private interface SessionCall<T extends @Nullable Object> {
        T on(Session session) throws JMSException;
    }

    private <T extends @Nullable Object> T onSession(SessionCall<T> call) {
        return Unchecked.call(() -> call.on(session()));
    }

    @Override
    public Message createMessage() {
        return onSession(Session::createMessage);
    }

    @Override
    public BytesMessage createBytesMessage() {
        return onSession(Session::createBytesMessage);
    }

    @Override
    public MapMessage createMapMessage() {
        return onSession(Session::createMapMessage);
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return onSession(Session::createObjectMessage);
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) {
        return onSession(s -> s.createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return onSession(Session::createStreamMessage);
    }

    @Override
    public TextMessage createTextMessage() {
        return onSession(Session::createTextMessage);
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) {
        return onSession(s -> s.createTextMessage(text));
    }

    // ---- transactions and acknowledging

    @Override
    public boolean getTransacted() {
        Unchecked.run(lifecycle::checkOpen);
        return sessionMode == SESSION_TRANSACTED;
    }

    @Override
    public int getSessionMode() {
        Unchecked.run(lifecycle::checkOpen);
        return sessionMode;
    }

    @Override
    public void commit() {
        Unchecked.run(() -> session().commit());
    }

    @Override
    public void rollback() {
        Unchecked.run(() -> session().rollback());
    }

    @Override
    public void recover() {
        Unchecked.run(() -> session().recover());
    }

    @Override
    public void acknowledge() {
        Unchecked.run(() -> {
            lifecycle.checkOpen();
            Message last = lastReceived;
            if (last != null) {
                last.acknowledge();
                lastReceived = null;
            }
        });
    }

    // ---- consumers and browsers

    private JMSConsumer consumer(SessionCall<MessageConsumer> call) {
        return Unchecked.call(() -> {
            MessageConsumer consumer = call.on(session());
            if (autoStart) {
                connection.start();
            }
            return new SqlmqJmsConsumer(this, consumer);
        });
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return consumer(s -> s.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector) {
        return consumer(s -> s.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal) {
        return consumer(s -> s.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return consumer(s -> s.createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal) {
        return consumer(s -> s.createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return consumer(s -> s.createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector) {
        return consumer(s -> s.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return consumer(s -> s.createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector) {
        return consumer(s -> s.createSharedConsumer(topic, name, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) {
        return Unchecked.call(() -> {
            QueueBrowser browser = session().createBrowser(queue, selector);
            if (autoStart) {
                connection.start();
            }
            return browser;
        });
    }

    // ---- destinations

    @Override
    public Queue createQueue(String name) {
        return onSession(s -> s.createQueue(name));
    }

    @Override
    public Topic createTopic(String name) {
        return onSession(s -> s.createTopic(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return onSession(Session::createTemporaryQueue);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return onSession(Session::createTemporaryTopic);
    }

    @Override
    public void unsubscribe(String name) {
        Unchecked.run(() -> session().unsubscribe(name));
    }
}
