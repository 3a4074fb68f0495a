package io.sqlmq.camel;

import io.sqlmq.jms.DestinationNames;
import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.camel.Category;
import org.apache.camel.PollingConsumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.component.jms.JmsBinding;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsConsumer;
import org.apache.camel.component.jms.JmsEndpoint;
import org.apache.camel.component.jms.JmsPollingConsumer;
import org.apache.camel.spi.InterceptSendToEndpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;
import org.springframework.jms.core.JmsOperations;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.AbstractMessageListenerContainer;

/**
 * Send and receive messages by queues and topics in a PostgreSQL database.
 *
 * <p>Its options are those of Camel's JMS component and a few more; receiving, the SQL of a route and sending are one
 * transaction.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "sqlmq",
        extendsScheme = "jms",
        title = "sqlmq",
        syntax = "sqlmq:destinationType:destinationName",
        category = {Category.MESSAGING, Category.DATABASE},
        headersClass = SqlmqConstants.class)
@Metadata(excludeProperties = "bridgeErrorHandler")
public class SqlmqEndpoint extends JmsEndpoint {
    @UriParam
    private SqlmqConfiguration configuration;

    @UriParam(
            multiValue = true,
            prefix = "redelivery.",
            description =
                    "Options of redelivery, such as redelivery.maximumRedeliveries=2. A consumer's hold in place of"
                            + " those of the connection factory, a producer's are sent with each message that has no policy of its"
                            + " own, and hold before all others.")
    private Map<String, Object> redelivery = Map.of();

    @UriParam(
            label = "consumer,advanced",
            multiValue = true,
            prefix = "destination.",
            description = "Options of destinations, as in ActiveMQ, such as destination.consumer.exclusive=true.")
    private Map<String, Object> destinationOptions = Map.of();

    /** Why it has no connection factory, or null if it has one. */
    private @Nullable RuntimeException withoutDatabase;

    /** An endpoint of the component, for a queue or a topic. */
    public SqlmqEndpoint(
            String uri,
            SqlmqComponent component,
            String destinationName,
            boolean pubSubDomain,
            SqlmqConfiguration configuration) {
        super(uri, component, destinationName, pubSubDomain, configuration);
        this.configuration = configuration;
    }

    @Override
    public SqlmqConfiguration getConfiguration() {
        return configuration;
    }

    /** Sets the options; those of another component are refused. */
    @Override
    public void setConfiguration(JmsConfiguration configuration) {
        this.configuration = SqlmqConfiguration.own(configuration);
        super.setConfiguration(configuration);
    }

    /** Says why it cannot be used. */
    void setWithoutDatabase(RuntimeException reason) {
        withoutDatabase = reason;
    }

    /** Fails where there is no database, unless Camel's tests have put a mock in place of this endpoint. */
    private void requireDatabase() {
        if (withoutDatabase != null && !isSkipped()) {
            throw withoutDatabase;
        }
    }

    private boolean isSkipped() {
        return getCamelContext().getEndpoints().stream()
                .anyMatch(endpoint -> endpoint instanceof InterceptSendToEndpoint before
                        && before.isSkip()
                        && before.getOriginalEndpoint() == this);
    }

    /** The options of redelivery, by name without prefix. */
    public Map<String, Object> getRedelivery() {
        return redelivery;
    }

    /**
     * Sets options of redelivery, by name without prefix.
     *
     * @throws IllegalArgumentException if there is none of that name, or the value is not possible
     */
    public void setRedelivery(Map<String, Object> redelivery) {
        requirePossible("redelivery.", () -> RedeliveryPolicy.parse(text(redelivery)));
        this.redelivery = redelivery;
    }

    /** The options of redelivery in the form of {@link RedeliveryPolicy#parse}; empty for none. */
    String redeliveryText() {
        return text(redelivery);
    }

    private static String text(Map<String, Object> redelivery) {
        return redelivery.entrySet().stream()
                .map(option -> option.getKey() + "=" + option.getValue())
                .collect(Collectors.joining("&"));
    }

    /** The options of the destination, by name without prefix. */
    public Map<String, Object> getDestinationOptions() {
        return destinationOptions;
    }

    /**
     * Sets options of the destination, by name without prefix.
     *
     * @throws IllegalArgumentException if there is none of that name, or the value is not possible
     */
    public void setDestinationOptions(Map<String, Object> destinationOptions) {
        if (!destinationOptions.isEmpty()) {
            requirePossible(
                    "destination.", () -> DestinationOptions.parse(URISupport.createQueryString(destinationOptions)));
        }
        this.destinationOptions = destinationOptions;
    }

    private void requirePossible(String prefix, Runnable parsing) {
        try {
            parsing.run();
        } catch (IllegalArgumentException e) {
            throw new SqlmqStartException(
                    "The options " + prefix + " of " + this + " are not possible: " + e.getMessage() + ".",
                    "Correct them in its URI",
                    e);
        }
    }

    /** Where the database is: its URL without parameters, which may hold a password; null if a DataSource knows. */
    @Override
    public @Nullable String getServiceUrl() {
        SqlmqConnectionFactory factory = ConnectionFactories.own(getConnectionFactory());
        return factory == null ? null : ConnectionFactories.urlOf(factory);
    }

    @Override
    protected JmsBinding createBinding() {
        return new SqlmqBinding(this);
    }

    @Override
    public Producer createProducer() throws Exception {
        requireSending();
        return super.createProducer();
    }

    /** Fails where nothing can be sent, and that will not pass. */
    void requireSending() {
        requireDatabase();
        SqlmqConnectionFactory factory = ConnectionFactories.own(getConnectionFactory());
        if (factory != null && !isSkipped()) {
            ((SqlmqComponent) getComponent()).startCheck().requireDatabase(this, factory);
        }
    }

    /** Fails where nothing can be polled, and that will not pass. */
    void requirePolling() {
        requireDatabase();
        SqlmqConnectionFactory factory = ConnectionFactories.own(getConnectionFactory());
        if (factory != null) {
            ((SqlmqComponent) getComponent()).startCheck().requirePolling(this, factory);
        }
    }

    /** Does what its polling consumers do before they receive, if that writes nothing: those of topics subscribe. */
    void checkPolling() throws JMSException {
        if (isPubSubDomain() || temporary() != null) {
            return;
        }
        try (Connection connection = getConnectionFactory().createConnection()) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue(consumedName()), getSelector());
        }
    }

    @Override
    public JmsConsumer createConsumer(Processor processor, AbstractMessageListenerContainer container)
            throws Exception {
        if (isBridgeErrorHandler()) {
            throw new SqlmqStartException("bridgeErrorHandler is not supported by " + this + ".", "Take it out");
        }
        if (getDestinationName().equals(getReplyTo())) {
            throw new SqlmqStartException(
                    "ReplyTo=" + getReplyTo()
                            + " cannot be the same as the destination name: the replies of " + this
                            + " would come to itself.",
                    "Set another replyTo");
        }
        SqlmqConsumer consumer = new SqlmqConsumer(this, processor, container);
        configureListenerContainer(container, consumer);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public void configureListenerContainer(AbstractMessageListenerContainer container, JmsConsumer consumer) {
        super.configureListenerContainer(container, consumer);
        container.setDestinationName(consumedName());
        TemporaryDestination temporary = temporary();
        if (temporary != null) {
            container.setDestinationResolver((session, name, topic) -> temporary.consumed(session));
        }
        if (container instanceof BatchListenerContainer batches && consumer instanceof SqlmqConsumer own) {
            batches.handTo(own::process);
        }
    }

    /** What all producers and consumers share, if it is a temporary destination; otherwise null. */
    @Nullable
    TemporaryDestination temporary() {
        return null;
    }

    @Override
    public JmsConsumer createConsumer(Processor processor) throws Exception {
        requireDatabase();
        return super.createConsumer(processor);
    }

    @Override
    public PollingConsumer createPollingConsumer() throws Exception {
        requireDatabase();
        JmsOperations template = createInOnlyTemplate();
        if (template instanceof JmsTemplate own) {
            own.setDefaultDestinationName(consumedName());
        }
        JmsPollingConsumer consumer = new JmsPollingConsumer(this, template);
        configurePollingConsumer(consumer);
        return consumer;
    }

    /** The name of the destination with the options that a consumer says in it. */
    private String consumedName() {
        Map<String, Object> options = new TreeMap<>(destinationOptions);
        redelivery.forEach((name, value) -> options.put("redelivery." + name, value));
        if (configuration.getArtemisConsumerPriority() != 0) {
            options.put("consumer-priority", configuration.getArtemisConsumerPriority());
        }
        String name = getDestinationName();
        if (options.isEmpty()) {
            return name;
        }
        SqlmqConnectionFactory factory = ConnectionFactories.own(getConnectionFactory());
        if (factory != null && factory.getOptions().getDestinationNames() == DestinationNames.LITERAL) {
            throw new SqlmqStartException(
                    "With destinationNames=literal the name of a destination cannot say " + options.keySet() + ".",
                    "Take it out of " + this
                            + ", or destinationNames=literal out of the options of the component or connection factory");
        }
        return name + (name.contains("?") ? "&" : "?") + URISupport.createQueryString(options);
    }
}
