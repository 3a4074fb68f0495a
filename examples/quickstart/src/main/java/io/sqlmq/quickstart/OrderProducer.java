package io.sqlmq.quickstart;

import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Places orders: the row in {@code orders} and the message to the consumers are committed together, or neither. */
final class OrderProducer implements AutoCloseable {
    private final Connection connection;
    private final Session session;
    private final MessageProducer producer;
    private int lastOrderNo;

    OrderProducer(ConnectionFactory factory) throws JMSException {
        connection = factory.createConnection();
        session = connection.createSession(Session.SESSION_TRANSACTED);
        producer = session.createProducer(session.createQueue(OrderQueue.NAME));
    }

    /** Places orders as fast as possible, so many in each transaction. */
    void placeAtOnce(String phase, List<String> lines, int perTransaction) throws JMSException, SQLException {
        for (int from = 0; from < lines.size(); from += perTransaction) {
            place(phase, lines.subList(from, Math.min(from + perTransaction, lines.size())));
        }
    }

    /** Places orders at a steady rate, one in each transaction. */
    void placeSteadily(String phase, List<String> lines, int perSecond) throws JMSException, SQLException {
        long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long next = System.nanoTime();
        for (String line : lines) {
            while (System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
            place(phase, List.of(line));
            next += interval;
        }
    }

    /** One transaction. */
    private void place(String phase, List<String> lines) throws JMSException, SQLException {
        // The connection of the session's transaction: it must not be committed or closed, the session does that.
        java.sql.Connection sql = SqlmqTransactions.connection(session);
        try (PreparedStatement insert =
                sql.prepareStatement("INSERT INTO orders (order_no, phase, body) VALUES (?, ?, ?)")) {
            for (String line : lines) {
                int orderNo = ++lastOrderNo;
                insert.setInt(1, orderNo);
                insert.setString(2, phase);
                insert.setString(3, line);
                insert.addBatch();

                TextMessage message = session.createTextMessage(line);
                message.setIntProperty(OrderQueue.ORDER_NO, orderNo);
                producer.send(message);
            }
            insert.executeBatch();
        }
        session.commit();
    }

    @Override
    public void close() throws JMSException {
        connection.close();
    }
}
