package io.sqlmq.integration.faults;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Works for a moment and stops in order, with its warnings on the standard output. */
final class StoppingProgram {

    private StoppingProgram() {}

    /** Arguments: the JDBC URL, and "pool" for a pool of the application. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        System.setProperty("org.slf4j.simpleLogger.logFile", "System.out");
        if (arguments[1].equals("pool")) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(arguments[0]);
            try (HikariDataSource pool = new HikariDataSource(config);
                    SqlmqConnectionFactory factory = new SqlmqConnectionFactory(pool)) {
                work(factory);
            }
        } else {
            try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(arguments[0])) {
                work(factory);
            }
        }
        System.out.println("stopped");
    }

    private static void work(SqlmqConnectionFactory factory) throws Exception {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                Session transacted = connection.createSession(Session.SESSION_TRANSACTED)) {
            connection.start();
            CountDownLatch heard = new CountDownLatch(10);
            session.createConsumer(session.createQueue("stopping")).setMessageListener(message -> heard.countDown());
            MessageConsumer waiting = transacted.createConsumer(transacted.createQueue("stopping, too"));
            for (int i = 0; i < 10; i++) {
                transacted
                        .createProducer(transacted.createQueue("stopping"))
                        .send(transacted.createTextMessage("text"));
                transacted.commit();
            }
            if (!heard.await(30, TimeUnit.SECONDS)) {
                System.out.println("nothing was heard");
            }
            waiting.receive(1_500); // with LISTEN and upkeep under way
        }
    }
}
