package io.sqlmq.boot;

import io.sqlmq.jms.SpringListenerContainer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ReflectionUtils;

/**
 * Stops the start of an application whose listeners could not receive, for what they lack or for the transactions that they would work
 * in; otherwise they fail every five seconds, and it looks as if they worked. Says if they need more connections than there are.
 */
final class ListenerStart implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerStart.class);

    /** Spring shows it to subclasses only. */
    private static final @Nullable Method GET_TRANSACTION_MANAGER = getTransactionManager();

    /** Of a transaction: its isolation, and whether it is read-only. */
    private record Found(String isolation, boolean readOnly) {}

    private final SqlmqListenerContainerFactoryConfigurer listeners;
    private final ObjectProvider<JmsListenerEndpointRegistry> registries;
    private volatile boolean started;

    ListenerStart(
            SqlmqListenerContainerFactoryConfigurer listeners, ObjectProvider<JmsListenerEndpointRegistry> registries) {
        this.listeners = listeners;
        this.registries = registries;
    }

    @Override
    public void start() {
        started = true;
        SqlmqConnectionFactory factory = listeners.connectionFactory();
        if (factory == null) {
            return;
        }
        List<DefaultMessageListenerContainer> containers = registries.stream()
                .flatMap(registry -> registry.getListenerContainers().stream())
                .filter(DefaultMessageListenerContainer.class::isInstance)
                .map(DefaultMessageListenerContainer.class::cast)
                .filter(container -> isOver(factory, container))
                .toList();
        ListenerConcurrency.compare(containers, factory.getDataSource());
        PlatformTransactionManager transactions = listeners.transactionManager();
        if (transactions != null && !containers.isEmpty()) {
            checkTransactions(transactions, factory.getDataSource());
            containers.forEach(ListenerStart::warnOfApart);
        }
        checkClientIds(containers);
        containers.stream()
                .filter(DefaultMessageListenerContainer::isAutoStartup)
                .filter(SpringListenerContainer.class::isInstance)
                .map(SpringListenerContainer.class::cast)
                .forEach(ListenerStart::checkSetup);
    }

    private static boolean isOver(SqlmqConnectionFactory factory, DefaultMessageListenerContainer container) {
        ConnectionFactory connections = container.getConnectionFactory();
        return connections != null && SqlmqListenerContainerFactoryConfigurer.own(connections) == factory;
    }

    /** As of a container factory that Boot's configurer alone has configured. Whoever needs no transaction has a session without. */
    private static void warnOfApart(DefaultMessageListenerContainer container) {
        if (container.isSessionTransacted() && hasNoTransactionManager(container)) {
            LOG.warn(
                    "What the listener of {} does in the database is not in the transaction of its message: its container factory has"
                            + " no transaction manager. Call SqlmqListenerContainerFactoryConfigurer.configure after Spring Boot's"
                            + " configurer",
                    container.getDestinationName());
        }
    }

    private static boolean hasNoTransactionManager(DefaultMessageListenerContainer container) {
        try {
            return GET_TRANSACTION_MANAGER != null
                    && ReflectionUtils.invokeMethod(GET_TRANSACTION_MANAGER, container) == null;
        } catch (RuntimeException e) {
            return false; // it cannot be seen
        }
    }

    private static @Nullable Method getTransactionManager() {
        Method found = ReflectionUtils.findMethod(DefaultMessageListenerContainer.class, "getTransactionManager");
        if (found != null) {
            found.trySetAccessible();
        }
        return found;
    }

    /** Each has a connection of its own, and a client identifier is that of one connection: all but one would wait for ever. */
    private static void checkClientIds(List<DefaultMessageListenerContainer> containers) {
        Map<String, String> destinations = new HashMap<>();
        for (DefaultMessageListenerContainer container : containers) {
            String client = container.isAutoStartup() ? container.getClientId() : null;
            String other = client == null
                    ? null
                    : destinations.putIfAbsent(client, String.valueOf(container.getDestinationName()));
            if (other != null) {
                throw new SqlmqStartException(
                        "The listeners of " + other + " and " + container.getDestinationName()
                                + " have the client identifier " + client + ", which only one of them can have.",
                        "Use the containerFactory jmsSharedDurableTopicListenerContainerFactory, whose subscriptions need none; or"
                                + " leave spring.jms.client-id out, and give each of them a container factory with its own"
                                + " (setClientId).",
                        null);
            }
        }
    }

    private static void checkTransactions(PlatformTransactionManager transactions, DataSource dataSource) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
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

    /** What may be different in a moment, as an outage or a client identifier that another process has, is the container's matter. */
    private static void checkSetup(SpringListenerContainer container) {
        try {
            container.checkSetup();
        } catch (JMSException e) {
            String action = action(e);
            if (action != null) {
                throw new SqlmqStartException(
                        "The listener of " + container.getDestinationName() + " cannot receive. " + e.getMessage(),
                        action,
                        e);
            }
        }
    }

    private static @Nullable String action(JMSException e) {
        if (e instanceof JMSSecurityException) {
            return "Grant it; or connect as a role that may receive; or, if this application is not to receive, set"
                    + " spring.jms.listener.auto-startup=false.";
        }
        if (e instanceof InvalidSelectorException) {
            return "Correct the selector of the @JmsListener.";
        }
        if (e instanceof InvalidDestinationException) {
            return "Correct the destination of the @JmsListener, or declare it.";
        }
        return "CLIENT_ID".equals(e.getErrorCode()) && !(e instanceof InvalidClientIDException)
                ? "Set spring.jms.client-id; or use the containerFactory jmsSharedDurableTopicListenerContainerFactory, whose"
                        + " subscriptions need none."
                : null;
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
