package io.sqlmq.integration.faults;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;

/**
 * Receives from a queue and says so, line by line. Arguments: URL, queue, acknowledge mode, and what to do:
 *
 * <ul>
 *   <li>{@code hold n}: receive n messages, acknowledge none but what the mode acknowledges, say {@code holding}, wait
 *   <li>{@code listen}: a listener that holds its first message for ever
 *   <li>{@code die text}: a listener that halts this JVM when the message is that text, and else commits
 *   <li>{@code follow}: a listener that waits, when the message begins with {@code wait}, for a line of standard input
 *   <li>{@code until text}: a listener that says that text when it comes
 *   <li>{@code work n}: a listener that halts this JVM after n messages
 * </ul>
 */
final class ReceivingProgram {

    private ReceivingProgram() {}

    public static void main(String[] arguments) throws Exception {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(arguments[0]);
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Integer.parseInt(arguments[2]));
                MessageConsumer consumer = session.createConsumer(session.createQueue(arguments[1]))) {
            connection.start();
            switch (arguments[3]) {
                case "hold" -> hold(consumer, Integer.parseInt(arguments[4]));
                case "listen" ->
                    consumer.setMessageListener(message -> {
                        say("holding");
                        forEver();
                    });
                case "die" -> consumer.setMessageListener(message -> dieAt(session, message, arguments[4]));
                case "follow" -> consumer.setMessageListener(ReceivingProgram::follow);
                case "until" ->
                    consumer.setMessageListener(message -> {
                        if (text(message).equals(arguments[4])) {
                            say(arguments[4]);
                        }
                    });
                case "work" -> workUntilDeath(consumer, Integer.parseInt(arguments[4]));
                default -> throw new IllegalArgumentException(arguments[3]);
            }
            forEver();
        }
    }

    private static void hold(MessageConsumer consumer, int count) throws JMSException {
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive();
            say("received " + message.getBody(String.class));
        }
        say("holding");
    }

    private static void dieAt(Session session, Message message, String deadly) {
        String text = text(message);
        if (text.equals(deadly)) {
            say("dying");
            Runtime.getRuntime().halt(9);
        }
        try {
            if (session.getTransacted()) {
                session.commit();
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
        say("received " + text);
    }

    private static void follow(Message message) {
        String text = text(message);
        say("received " + text);
        if (text.startsWith("wait")) {
            awaitInput();
            say("waited");
        }
    }

    private static void awaitInput() {
        try {
            int read = System.in.read();
            while (read >= 0 && read != '\n') {
                read = System.in.read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void workUntilDeath(MessageConsumer consumer, int count) throws JMSException {
        int[] received = new int[1];
        consumer.setMessageListener(message -> {
            say("received " + text(message));
            if (++received[0] == count) {
                Runtime.getRuntime().halt(9);
            }
        });
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void forEver() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
