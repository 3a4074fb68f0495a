package io.sqlmq.camel;

import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsConfiguration;
import org.apache.camel.component.jms.JmsConstants;
import org.apache.camel.component.jms.JmsSendDynamicAware;
import org.apache.camel.spi.annotations.SendDynamic;
import org.apache.camel.util.StringHelper;
import org.jspecify.annotations.Nullable;

/**
 * Lets {@code toD("sqlmq:${header.queue}")} send to any number of queues by one endpoint: each goes where {@code to} with the same URI
 * would send it.
 */
@SendDynamic("sqlmq")
public class SqlmqSendDynamicAware extends JmsSendDynamicAware {

    /** A URI in parts: the kind of destination, such as {@code topic:}, or nothing; its name; the options. */
    private record Parts(String kind, String name, String options) {
        private static final List<String> KINDS = List.of(
                JmsConfiguration.QUEUE_PREFIX,
                JmsConfiguration.TOPIC_PREFIX,
                JmsConfiguration.TEMP_QUEUE_PREFIX,
                JmsConfiguration.TEMP_TOPIC_PREFIX);

        static Parts of(String uri) {
            String path = StringHelper.before(uri, "?", uri);
            String options = uri.substring(path.length());
            String rest = path.substring(path.indexOf(':') + 1);
            if (rest.startsWith("//")) {
                rest = rest.substring(2);
            }
            for (String kind : KINDS) {
                if (rest.startsWith(kind)) {
                    return new Parts(
                            kind, StringHelper.removeStartingCharacters(rest.substring(kind.length()), '/'), options);
                }
            }
            return new Parts("", rest, options);
        }

        /** A name with an escape is left to Camel to read, and a temporary destination is that of its endpoint. */
        boolean isPlain() {
            return !name.isEmpty() && name.indexOf('%') < 0 && !kind.startsWith("temp-");
        }
    }

    @Override
    public @Nullable String resolveStaticUri(Exchange exchange, DynamicAwareEntry entry) {
        Parts evaluated = Parts.of(entry.getUri());
        String written = Parts.of(entry.getOriginalUri()).name();
        return !evaluated.isPlain() || evaluated.name().equals(written)
                ? null
                : getScheme() + ":" + evaluated.kind() + written + evaluated.options();
    }

    @Override
    public @Nullable Processor createPreProcessor(Exchange exchange, DynamicAwareEntry entry) {
        boolean isNamed = exchange.getMessage().getHeader(JmsConstants.JMS_DESTINATION_NAME) != null;
        if (isNamed || resolveStaticUri(exchange, entry) == null) {
            return null;
        }
        String name = Parts.of(entry.getUri()).name();
        return sent -> sent.getMessage().setHeader(JmsConstants.JMS_DESTINATION_NAME, name);
    }
}
