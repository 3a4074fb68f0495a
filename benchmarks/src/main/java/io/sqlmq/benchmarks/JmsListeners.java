package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * AUTO_ACKNOWLEDGE listeners that share a backlog, each in a session of its own. A round is timed from start() of the
 * connection until stop() has returned, when everything is acknowledged.
 */
final class JmsListeners implements Side {

    private static final long PATIENCE_SECONDS = 120;

    private final SqlmqConnectionFactory factory;
    private final Connection connection;
    private volatile CountDownLatch expected = new CountDownLatch(0);

    JmsListeners(Tables tables, String options, String queue, int listeners) throws JMSException {
        this(tables, options, queue, null, listeners);
    }

    JmsListeners(Tables tables, String options, String queue, @Nullable String selector, int listeners)
            throws JMSException {
        factory = tables.factory(options);
        connection = factory.createConnection();
        for (int i = 0; i < listeners; i++) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue(queue), selector).setMessageListener(this::arrived);
        }
    }

    private void arrived(Message message) {
        try {
            if (message instanceof TextMessage text && text.getText() != null) {
                expected.countDown();
            }
        } catch (JMSException e) {
            throw new IllegalStateException("A message cannot be read", e);
        }
    }

    @Override
    public void run(int messages) throws Exception {
        begin(messages);
        end();
    }

    /** From now on so many are expected. */
    void begin(int messages) throws JMSException {
        expected = new CountDownLatch(messages);
        connection.start();
    }

    /** Waits for them. */
    void end() throws Exception {
        CountDownLatch latch = expected;
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    latch.getCount() + " messages did not come within " + PATIENCE_SECONDS + " s");
        }
        connection.stop();
    }

    @Override
    public void close() throws JMSException {
        connection.close();
        factory.close();
    }
}
