package io.sqlmq.integration.faults;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;

/**
 * Works off a queue in transactions of a few messages, each written into the table {@code worked} along with its group,
 * and rolls some of them back. Arguments: URL, queue, seed, and how long to wait for a message in milliseconds.
 */
final class GroupProgram {

    private GroupProgram() {}

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(Long.parseLong(arguments[2]));
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(arguments[0]);
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                MessageConsumer consumer = session.createConsumer(session.createQueue(arguments[1]))) {
            connection.start();
            work(session, consumer, random, Long.parseLong(arguments[3]));
        }
    }

    private static void work(Session session, MessageConsumer consumer, Random random, long patience)
            throws JMSException, SQLException {
        boolean first = true;
        while (true) {
            Message message = consumer.receive(patience);
            if (message == null) {
                session.commit();
                return;
            }
            note(session, message);
            if (first) {
                System.out.println("working");
                System.out.flush();
                first = false;
            }
            switch (random.nextInt(8)) {
                case 0 -> session.rollback();
                case 1, 2 -> session.commit();
                default -> {} // goes on with the transaction
            }
        }
    }

    private static void note(Session session, Message message) throws JMSException, SQLException {
        try (PreparedStatement insert = SqlmqTransactions.connection(session)
                .prepareStatement("INSERT INTO worked (grp, number, redelivered) VALUES (?, ?, ?)")) {
            insert.setString(1, message.getStringProperty("JMSXGroupID"));
            insert.setInt(2, Integer.parseInt(message.getBody(String.class)));
            insert.setBoolean(3, message.getJMSRedelivered());
            insert.executeUpdate();
        }
    }
}
