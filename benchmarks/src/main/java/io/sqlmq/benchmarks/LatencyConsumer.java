package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The second JVM of {@link IdleLatency}: a listener that prints how many microseconds each message was on its way. */
final class LatencyConsumer {

    static final String READY = "ready";

    private LatencyConsumer() {}

    /**
     * Listens until standard input ends, as it does when the parent ends.
     *
     * @param args the provider's URL and the queue
     */
    public static void main(String... args) throws Exception {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(args[0]);
                Connection connection = factory.createConnection()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue(args[1])).setMessageListener(LatencyConsumer::arrived);
            connection.start();
            print(READY);
            while (System.in.read() >= 0) {
                // nothing is expected
            }
        }
    }

    private static void arrived(Message message) {
        long now = micros();
        try {
            if (message instanceof TextMessage text) {
                print(Long.toString(now - Long.parseLong(text.getText())));
            }
        } catch (JMSException e) {
            throw new IllegalStateException("A message cannot be read", e);
        }
    }

    /** The machine's clock, which both JVMs read. */
    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    private static void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
