package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.mode.SessionMode;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The properties that the provider sets on send (§3.5.9), those of them that options ask for. Thread-safe. */
final class SendProperties {
    private static final String USER_ID = "JMSXUserID";
    private static final String APP_ID = "JMSXAppID";
    private static final String PRODUCER_TXID = "JMSXProducerTXID";

    private final boolean userId;
    private final @Nullable String appId;
    private final boolean producerTransaction;
    private final SenderIdentity identity;

    SendProperties(SqlmqOptions options, SenderIdentity identity) {
        this.userId = options.isPopulateJMSXUserID();
        this.appId = options.isPopulateJMSXAppID() ? options.getApplicationName() : null;
        this.producerTransaction = options.isPopulateJMSXProducerTXID();
        this.identity = identity;
    }

    private boolean isNone() {
        return !userId && appId == null && !producerTransaction;
    }

    /** The names of those that are set. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        if (userId) {
            names.add(USER_ID);
        }
        if (appId != null) {
            names.add(APP_ID);
        }
        if (producerTransaction) {
            names.add(PRODUCER_TXID);
        }
        return names;
    }

    /** The properties of a message that is about to be sent in this mode, with those that a tracer wants. */
    Map<String, Object> of(SessionMode mode, MessageTracer.@Nullable Sending traced) throws JMSException {
        if (isNone() && traced == null) {
            return Map.of();
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        if (traced != null) {
            properties.putAll(traced.properties());
        }
        if (userId) {
            properties.put(USER_ID, ExceptionTranslation.call("Asking for the name of the role", identity::role));
        }
        if (appId != null) {
            properties.put(APP_ID, appId);
        }
        if (producerTransaction) {
            String transaction = ExceptionTranslation.call("Beginning a transaction", mode::transactionId);
            if (transaction != null) {
                properties.put(PRODUCER_TXID, transaction);
            }
        }
        return properties;
    }
}
