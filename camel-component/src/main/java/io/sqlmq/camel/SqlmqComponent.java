package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import jakarta.jms.ConnectionFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.QueueBrowseStrategy;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.util.PropertiesHelper;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Camel's JMS component on queues in a PostgreSQL database. Its connection factory is, in this order, the one that it is
 * given; one that it makes by {@code jdbcUrl} or {@code dataSource}; the only {@link SqlmqConnectionFactory} in the registry; one
 * that it makes over the only DataSource in the registry. What it makes it closes when the context ends.
 */
@Component("sqlmq")
@Metadata(excludeProperties = "bridgeErrorHandler,allowAutoWiredConnectionFactory")
public class SqlmqComponent extends JmsComponent {
    private final FactorySettings settings = new FactorySettings();
    /** The factories in use: that of the component by the key "", others by the role that endpoints name. */
    private final Map<String, FactorySettings.Found> factories = new LinkedHashMap<>();

    /** That of the component, which its configuration shows; null before the first endpoint. */
    private volatile @Nullable ConnectionFactory found;

    private final List<DatabaseHealthCheck> checks = new ArrayList<>();
    private final Map<SqlmqConnectionFactory, SqlmqTransactionManager> managers = new LinkedHashMap<>();
    private final ReceivingTransactions receiving = new ReceivingTransactions();
    private final StartCheck startCheck = new StartCheck();

    @Metadata(label = "advanced", description = "Options that all endpoints begin with.")
    private SqlmqConfiguration configuration;

    /** A component that finds its context when it is added to it. */
    public SqlmqComponent() {
        configuration = (SqlmqConfiguration) super.getConfiguration();
        lookForOwnOnly();
    }

    /** A component of that context. */
    public SqlmqComponent(CamelContext context) {
        super(context);
        configuration = (SqlmqConfiguration) super.getConfiguration();
        lookForOwnOnly();
    }

    /** Whatever else is in the registry, this component cannot use another provider. */
    private void lookForOwnOnly() {
        super.setAllowAutoWiredConnectionFactory(false);
    }

    @Override
    protected JmsConfiguration createConfiguration() {
        return new SqlmqConfiguration();
    }

    @Override
    public SqlmqConfiguration getConfiguration() {
        return configuration;
    }

    /**
     * Sets options that all endpoints begin with.
     *
     * @throws IllegalArgumentException if they are of another component
     */
    @Override
    public void setConfiguration(JmsConfiguration configuration) {
        this.configuration = SqlmqConfiguration.own(configuration);
        super.setConfiguration(configuration);
    }

    /** The URL of the database, or null. It may hold a password. */
    public @Nullable String getJdbcUrl() {
        return settings.jdbcUrl;
    }

    /**
     * The database: jdbc:postgresql://host/database, with parameters of the driver and options of sqlmq, or sqlmq:embedded.
     * Not needed if the registry has a DataSource.
     */
    @Metadata(label = "common", security = "secret")
    public void setJdbcUrl(@Nullable String jdbcUrl) {
        settings.jdbcUrl = jdbcUrl;
    }

    /** The DataSource that was set, or found in the registry; null if there is none. */
    public @Nullable DataSource getDataSource() {
        return settings.dataSource;
    }

    /** The application's DataSource. Not needed if it is the only one in the registry. */
    @Metadata(label = "common")
    public void setDataSource(@Nullable DataSource dataSource) {
        settings.dataSource = dataSource;
    }

    /** The database schema that was set. */
    public @Nullable String getSchema() {
        return option("schema");
    }

    /** The database schema that holds the tables of sqlmq. */
    @Metadata(label = "common", defaultValue = "public")
    public void setSchema(@Nullable String schema) {
        option("schema", schema);
    }

    /** What was set for the tables. */
    public @Nullable String getSchemaManagement() {
        return option("schemaManagement");
    }

    /**
     * What is done about the tables of sqlmq: migrate creates or upgrades them, which needs the artifact sqlmq-migrate;
     * validate checks them; none does nothing.
     */
    @Metadata(label = "common", defaultValue = "validate", enums = "migrate,validate,none")
    public void setSchemaManagement(@Nullable String schemaManagement) {
        option("schemaManagement", schemaManagement);
    }

    /** The dead-letter queue that was set. */
    public @Nullable String getDeadLetterQueue() {
        return option("deadLetterQueue");
    }

    /** The queue for messages that failed too often. */
    @Metadata(label = "common", defaultValue = "DLQ")
    public void setDeadLetterQueue(@Nullable String deadLetterQueue) {
        option("deadLetterQueue", deadLetterQueue);
    }

    /** The options that were set, by name; what is put into it is set as well. */
    public Map<String, Object> getOptions() {
        return settings.options;
    }

    /**
     * Further options of the connection factory by their names, for example those of redelivery: maximumRedeliveries,
     * redeliveryDelay, or maximumPoolSize.
     */
    @Metadata(label = "advanced")
    public void setOptions(Map<String, Object> options) {
        settings.options.putAll(options);
    }

    private @Nullable String option(String name) {
        Object value = settings.options.get(name);
        return value == null ? null : value.toString();
    }

    private void option(String name, @Nullable String value) {
        if (value == null) {
            settings.options.remove(name);
        } else {
            settings.options.put(name, value);
        }
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        Map<String, Object> redelivery = PropertiesHelper.extractProperties(parameters, "redelivery.");
        Map<String, Object> destination = PropertiesHelper.extractProperties(parameters, "destination.");
        SqlmqEndpoint endpoint;
        try {
            ConnectionFactory factory = factory(parameters);
            parameters.put("connectionFactory", factory);
            endpoint = (SqlmqEndpoint) super.createEndpoint(uri, remaining, parameters);
            if (isMadeHere(factory)) {
                // Not with an adapter around it that gives user and password, which the factory has.
                endpoint.getConfiguration().setConnectionFactory(factory);
            }
            SqlmqConnectionFactory own = ConnectionFactories.own(endpoint.getConnectionFactory());
            if (own != null) {
                endpoint.getConfiguration().setOwnTransactions(() -> transactions(own));
            }
        } catch (FactorySettings.NoDatabaseException e) {
            endpoint = (SqlmqEndpoint) super.createEndpoint(uri, remaining, parameters);
            endpoint.setWithoutDatabase(e);
        }
        endpoint.setRedelivery(redelivery);
        endpoint.setDestinationOptions(destination);
        return endpoint;
    }

    /** The connection factory of an endpoint with these parameters: ours, or what was given and hides ours. */
    private ConnectionFactory factory(Map<String, Object> parameters) {
        ConnectionFactory given = resolveAndRemoveReferenceParameter(
                parameters,
                "connectionFactory",
                ConnectionFactory.class,
                getConfiguration().getConnectionFactory());
        if (given != null && given != found) {
            SqlmqConnectionFactory own = ConnectionFactories.own(given);
            boolean anotherUser =
                    parameters.containsKey("username") || getConfiguration().getUsername() != null;
            return own == null || anotherUser ? given : own;
        }
        String user = getAndRemoveParameter(
                parameters, "username", String.class, getConfiguration().getUsername());
        String password = getAndRemoveParameter(
                parameters, "password", String.class, getConfiguration().getPassword());
        lock.lock();
        try {
            SqlmqConnectionFactory factory = factories
                    .computeIfAbsent(Objects.requireNonNullElse(user, ""), role -> find(role, user, password))
                    .factory();
            if (Objects.equals(user, getConfiguration().getUsername())) {
                found = factory;
                getConfiguration().setConnectionFactory(factory);
            }
            return factory;
        } finally {
            lock.unlock();
        }
    }

    private FactorySettings.Found find(String role, @Nullable String user, @Nullable String password) {
        FactorySettings.Found found = settings.find(getCamelContext().getRegistry(), user, password);
        HealthCheckRegistry health = HealthCheckRegistry.get(getCamelContext());
        if (health != null) {
            DatabaseHealthCheck check =
                    new DatabaseHealthCheck("sqlmq" + (role.isEmpty() ? "" : ":" + role), found.factory());
            checks.add(check);
            health.register(check);
        }
        return found;
    }

    private PlatformTransactionManager transactions(SqlmqConnectionFactory factory) {
        PlatformTransactionManager leading = TransactionManagers.leading(getCamelContext(), factory);
        if (leading != null) {
            return leading;
        }
        lock.lock();
        try {
            return managers.computeIfAbsent(factory, SqlmqTransactionManager::new);
        } finally {
            lock.unlock();
        }
    }

    StartCheck startCheck() {
        return startCheck;
    }

    ReceivingTransactions receivingTransactions() {
        return receiving;
    }

    private boolean isMadeHere(ConnectionFactory factory) {
        lock.lock();
        try {
            return factories.values().stream().anyMatch(found -> found.factory() == factory);
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected JmsEndpoint createTopicEndpoint(
            String uri, JmsComponent component, String subject, JmsConfiguration configuration) {
        return new SqlmqEndpoint(uri, this, subject, true, (SqlmqConfiguration) configuration);
    }

    @Override
    protected JmsEndpoint createQueueEndpoint(
            String uri,
            JmsComponent component,
            String subject,
            JmsConfiguration configuration,
            QueueBrowseStrategy browsing) {
        return new SqlmqQueueEndpoint(uri, this, subject, (SqlmqConfiguration) configuration, browsing);
    }

    @Override
    protected JmsEndpoint createTemporaryQueueEndpoint(
            String uri,
            JmsComponent component,
            String subject,
            JmsConfiguration configuration,
            QueueBrowseStrategy browsing) {
        return new SqlmqTemporaryQueueEndpoint(uri, this, subject, (SqlmqConfiguration) configuration, browsing);
    }

    @Override
    protected JmsEndpoint createTemporaryTopicEndpoint(
            String uri, JmsComponent component, String subject, JmsConfiguration configuration) {
        return new SqlmqTemporaryTopicEndpoint(uri, this, subject, (SqlmqConfiguration) configuration);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        getCamelContext().addLifecycleStrategy(new PolledAndDynamic(this));
    }

    @Override
    protected void doShutdown() throws Exception {
        super.doShutdown();
        lock.lock();
        try {
            HealthCheckRegistry health = HealthCheckRegistry.get(getCamelContext());
            if (health != null) {
                checks.forEach(health::unregister);
            }
            checks.clear();
            if (found != null && getConfiguration().getConnectionFactory() == found) {
                getConfiguration().setConnectionFactory(null);
            }
            found = null;
            managers.values().forEach(SqlmqTransactionManager::destroy);
            managers.clear();
            factories.values().stream()
                    .filter(FactorySettings.Found::own)
                    .forEach(found -> found.factory().close());
            factories.clear();
        } finally {
            lock.unlock();
        }
    }
}
