package io.sqlmq.benchmarks;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;

/** Senders or receivers through JMS that share a factory and a connection. */
final class JmsCrew implements Side {

    /** Opens a worker's session. */
    @FunctionalInterface
    interface Sessions {
        /** Opens the next one. */
        Worker open(Connection connection) throws Exception;
    }

    private final SqlmqConnectionFactory factory;
    private final Crew crew;

    JmsCrew(Tables tables, String options, int size, Sessions sessions) throws Exception {
        factory = tables.factory(options);
        try {
            Connection connection = factory.createConnection();
            connection.start();
            crew = Crew.of(size, () -> sessions.open(connection));
        } catch (Exception e) {
            factory.close();
            throw e;
        }
    }

    @Override
    public void run(int messages) throws Exception {
        crew.run(messages);
    }

    @Override
    public void close() throws Exception {
        try {
            crew.close();
        } finally {
            factory.close();
        }
    }
}
