package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.jms.internal.errors.EngineCalls;
import io.sqlmq.jms.internal.mode.SessionMode;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The properties that the provider sets on send (§3.5.9), those of them that options ask for. Thread-safe. */
public final class SendProperties {
    private static final String USER_ID = "JMSXUserID";
    private static final String APP_ID = "JMSXAppID";
    private static final String PRODUCER_TXID = "JMSXProducerTXID";

    /**
     * Which of them are set.
     *
     * @param appId the value of JMSXAppID, or null for none
     */
    public record Chosen(boolean userId, @Nullable String appId, boolean producerTransaction) {
        boolean isNone() {
            return !userId && appId == null && !producerTransaction;
        }
    }

    private final Chosen chosen;
    private final SenderIdentity identity;

    public SendProperties(Chosen chosen, SenderIdentity identity) {
        this.chosen = chosen;
        this.identity = identity;
    }

    /** The names of those that are set. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        if (chosen.userId()) {
            names.add(USER_ID);
        }
        if (chosen.appId() != null) {
            names.add(APP_ID);
        }
        if (chosen.producerTransaction()) {
            names.add(PRODUCER_TXID);
        }
        return names;
    }

    /** The properties of a message that is about to be sent in this mode. */
    public Map<String, Object> of(SessionMode mode) throws JMSException {
        if (chosen.isNone()) {
            return Map.of();
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        if (chosen.userId()) {
            properties.put(USER_ID, EngineCalls.call("Asking for the name of the role", identity::role));
        }
        if (chosen.appId() != null) {
            properties.put(APP_ID, chosen.appId());
        }
        if (chosen.producerTransaction()) {
            String transaction = EngineCalls.call("Beginning a transaction", mode::transactionId);
            if (transaction != null) {
                properties.put(PRODUCER_TXID, transaction);
            }
        }
        return properties;
    }
}
