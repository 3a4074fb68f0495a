package io.sqlmq.quickstart;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A consumer process: some listeners that work side by side until standard input ends. */
final class OrderConsumer {

    /** What it prints when its listeners have started. */
    static final String READY = "ready";

    private OrderConsumer() {}

    /**
     * Runs a consumer process.
     *
     * @param arguments name, number of listeners, milliseconds of work for each order. The URL of the database comes as
     *     the first line of standard input, as the arguments of a process can be read by everyone on the machine.
     */
    public static void main(String[] arguments) throws IOException, JMSException {
        String name = arguments[0];
        int listeners = Integer.parseInt(arguments[1]);
        int workMillis = Integer.parseInt(arguments[2]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String url = in.readLine();
        if (url == null) {
            return;
        }
        try (SqlmqConnectionFactory factory = new Database(url).connectionFactory();
                Connection connection = factory.createConnection()) {
            OrderProcessor processor = new OrderProcessor(name, workMillis);
            AttemptLog attempts = new AttemptLog(factory.getDataSource(), name);
            for (int i = 0; i < listeners; i++) {
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                session.createConsumer(session.createQueue(OrderQueue.NAME))
                        .setMessageListener(new OrderListener(session, processor, attempts));
            }
            connection.start();
            System.out.println(READY);
            waitForEnd(in);
        }
    }

    /** Standard input ends when the parent closes it, and when the parent dies. */
    private static void waitForEnd(BufferedReader in) throws IOException {
        String line = in.readLine();
        while (line != null) {
            line = in.readLine();
        }
    }
}
