package io.sqlmq.tck.provider;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.XAConnectionFactory;
import java.util.ServiceLoader;

/**
 * The messaging provider under test: found by {@link ServiceLoader}, chosen by the system property {@code
 * tck.provider}, started once per JVM and never stopped before its end.
 */
public interface Provider {

    /** The name by which {@code tck.provider} chooses it. */
    String name();

    /** Starts the provider. Called once, before any other method but {@link #name()}. */
    void start() throws Exception;

    /** The same factory each time; also a QueueConnectionFactory and a TopicConnectionFactory. */
    ConnectionFactory connectionFactory();

    /** The same factory each time, for global transactions; also for queues and topics alone. */
    XAConnectionFactory xaConnectionFactory();

    /** The provider under test. */
    static Provider current() {
        return Current.PROVIDER;
    }
}
