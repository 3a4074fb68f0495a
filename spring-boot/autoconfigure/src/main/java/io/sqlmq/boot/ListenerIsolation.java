package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Locale;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Stops the start of an application whose listeners would work in transactions in which nothing can be received; otherwise they fail
 * every five seconds, and it looks as if they worked.
 */
final class ListenerIsolation implements SmartLifecycle {

    /** Of a transaction: its isolation, and whether it is read-only. */
    private record Found(String isolation, boolean readOnly) {}

    private final SqlmqConnectionFactory factory;
    private final SqlmqListenerContainerFactoryConfigurer listeners;
    private final ObjectProvider<JmsListenerEndpointRegistry> registries;
    private volatile boolean started;

    ListenerIsolation(
            SqlmqConnectionFactory factory,
            SqlmqListenerContainerFactoryConfigurer listeners,
            ObjectProvider<JmsListenerEndpointRegistry> registries) {
        this.factory = factory;
        this.listeners = listeners;
        this.registries = registries;
    }

    @Override
    public void start() {
        started = true;
        PlatformTransactionManager transactions = listeners.transactionManager();
        if (transactions == null || !isListening()) {
            return;
        }
        JdbcTemplate jdbc = new JdbcTemplate(factory.getDataSource());
        Found found = new TransactionTemplate(transactions)
                .execute(status -> jdbc.execute((ConnectionCallback<Found>) connection -> {
                    try (Statement statement = connection.createStatement();
                            ResultSet row =
                                    statement.executeQuery("SELECT pg_catalog.current_setting('transaction_isolation'),"
                                            + " pg_catalog.current_setting('transaction_read_only')::bool")) {
                        row.next();
                        return new Found(row.getString(1), row.getBoolean(2));
                    }
                }));
        refuse(Objects.requireNonNull(found));
    }

    private static void refuse(Found found) {
        if (found.readOnly()) {
            throw new SqlmqStartException(
                    "Transactions on the DataSource with the messages are read-only, and to receive a message is to write.",
                    "Remove spring.datasource.hikari.read-only, or the default_transaction_read_only of the role or the database; or set "
                            + SqlmqSettings.DATA_SOURCE + " to the name of a DataSource that writes.",
                    null);
        }
        if (!found.isolation().startsWith("read ")) {
            throw new SqlmqStartException(
                    "Transactions on the DataSource with the messages are "
                            + found.isolation().toUpperCase(Locale.ROOT)
                            + ", and messages can only be received at READ COMMITTED.",
                    "Remove spring.datasource.hikari.transaction-isolation, or the default_transaction_isolation of the role or the"
                            + " database, and name the isolation where it is needed, as in @Transactional(isolation = …); or set "
                            + SqlmqSettings.TRANSACTION_MANAGER
                            + " to a transaction manager of listeners, or to none.",
                    null);
        }
    }

    private boolean isListening() {
        return registries.stream()
                .flatMap(registry -> registry.getListenerContainers().stream())
                .anyMatch(container -> container instanceof DefaultMessageListenerContainer known
                        && known.getConnectionFactory() == factory);
    }

    @Override
    public void stop() {
        started = false;
    }

    @Override
    public boolean isRunning() {
        return started;
    }

    /** Before the listeners. */
    @Override
    public int getPhase() {
        return 0;
    }
}
