package io.sqlmq.camel;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsBinding;
import org.apache.camel.component.jms.JmsMessageHelper;
import org.jspecify.annotations.Nullable;

/** Camel's JMS binding, which gives messages what their endpoint says and they do not say themselves. */
class SqlmqBinding extends JmsBinding {
    private static final String GROUP = "JMSXGroupID";

    /**
     * What a sender tells the queue about one message. It must not go on to others that a route makes of it: a redelivered route
     * would make its requests with identifiers that their queue has had.
     */
    private static final List<String> FOR_THE_QUEUE =
            List.of(SqlmqConstants.DEDUPLICATION_ID, "_AMQ_DUPL_ID", SqlmqConstants.REDELIVERY);

    /** What sqlmq tells of a receive, beyond what routes expect: with includeAllJMSXProperties only. */
    private static final List<String> OF_THE_RECEIVE = List.of("JMSXRcvTimestamp", "JMSXConsumerTXID");

    /**
     * What sqlmq sets on send, and lets nobody else set (§3.5.9), but routes with includeAllJMSXProperties pass to each other: it
     * travels under other names, and where sqlmq has set the property the receiver sees that.
     */
    private static final Map<String, String> SAID_BY_SENDERS =
            Map.of("JMSXUserID", "CamelJMSXUserID", "JMSXAppID", "CamelJMSXAppID");

    private final SqlmqEndpoint endpoint;

    SqlmqBinding(SqlmqEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public @Nullable Message makeJmsMessage(
            Exchange exchange,
            org.apache.camel.@Nullable Message camelMessage,
            Session session,
            @Nullable Exception cause)
            throws JMSException {
        SqlmqConfiguration configuration = endpoint.getConfiguration();
        if (configuration.isForceSendOriginalMessage() && cause == null) {
            return super.makeJmsMessage(exchange, camelMessage, session, cause);
        }
        if (camelMessage != null) { // it is null when the cause is the answer
            // Once its headers are read Camel makes a new message of them, and does not send the one that was received.
            camelMessage.getHeaders();
        }
        Message message = super.makeJmsMessage(exchange, camelMessage, session, cause);
        if (cause != null) {
            // What is sent as the answer has not failed the delivery: the listener would throw it again where it is
            // an exception of Camel, and so roll the answer back.
            exchange.setException(null);
        }
        if (message != null) {
            setDefault(message, GROUP, evaluated(configuration.getGroup(), exchange));
            setDefault(
                    message, SqlmqConstants.DEDUPLICATION_ID, evaluated(configuration.getDeduplicationId(), exchange));
            setDefault(message, SqlmqConstants.REDELIVERY, policy());
            if (configuration.isIncludeAllJMSXProperties() && camelMessage != null) {
                for (Map.Entry<String, String> property : SAID_BY_SENDERS.entrySet()) {
                    setDefault(message, property.getValue(), camelMessage.getHeader(property.getKey(), String.class));
                }
            }
        }
        return message;
    }

    @Override
    public Map<String, Object> extractHeadersFromJms(Message message, Exchange exchange) {
        Map<String, Object> headers = super.extractHeadersFromJms(message, exchange);
        headers.keySet().removeAll(FOR_THE_QUEUE);
        if (endpoint.getConfiguration().isIncludeAllJMSXProperties()) {
            SAID_BY_SENDERS.forEach((name, carrier) -> {
                String said = JmsMessageHelper.getStringProperty(message, carrier);
                if (said != null && headers.get(name) == null) {
                    headers.put(name, said);
                }
            });
        } else {
            headers.keySet().removeAll(OF_THE_RECEIVE);
        }
        return headers;
    }

    /** A character is a text: Jakarta Messaging has no properties of that type (§3.5.5). */
    @Override
    protected @Nullable Object getValidJMSHeaderValue(String headerName, Object headerValue) {
        return headerValue instanceof Character character
                ? character.toString()
                : super.getValidJMSHeaderValue(headerName, headerValue);
    }

    private static void setDefault(Message message, String property, @Nullable String value) throws JMSException {
        if (value != null && !message.propertyExists(property)) {
            message.setStringProperty(property, value);
        }
    }

    private static @Nullable String evaluated(@Nullable String text, Exchange exchange) {
        if (text == null || !text.contains("${")) {
            return text;
        }
        String value = exchange.getContext()
                .resolveLanguage("simple")
                .createExpression(text)
                .evaluate(exchange, String.class);
        return value == null || value.isEmpty() ? null : value;
    }

    private @Nullable String policy() {
        String policy = endpoint.redeliveryText();
        return policy.isEmpty() ? null : policy;
    }
}
