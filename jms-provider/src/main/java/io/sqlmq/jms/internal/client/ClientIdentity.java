package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.topic.ClientIdentifiers;
import io.sqlmq.engine.topic.ClientIdentifiers.Taken;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.message.HeaderText;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A connection's client identifier (§6.1.2): it belongs to one connection at a time, over all hosts. Thread-safe. */
final class ClientIdentity {
    /** Bytes of a client identifier and of the name of a subscription, which are in an index together. */
    static final int LONGEST = 1_000;

    private final ClientIdentifiers identifiers;
    private volatile @Nullable Taken taken;

    ClientIdentity(ClientIdentifiers identifiers) {
        this.identifiers = identifiers;
    }

    @Nullable
    String get() {
        Taken known = taken;
        return known == null ? null : known.clientId();
    }

    void take(String clientId) throws JMSException {
        if (clientId.isBlank() || !HeaderText.isStorable(clientId)) {
            throw new InvalidClientIDException(
                    "A client identifier must not be blank or contain a NUL character or half of a surrogate pair.",
                    "CLIENT_ID");
        }
        int bytes = clientId.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST) {
            throw new InvalidClientIDException(
                    "The client identifier has " + bytes + " bytes in UTF-8; at most " + LONGEST + " are possible.",
                    "CLIENT_ID");
        }
        long token = identifiers.newToken();
        try {
            if (!identifiers.take(clientId, token)) {
                throw new InvalidClientIDException(
                        "The client identifier '" + clientId + "' is in use by another connection."
                                + " Close that connection or choose another identifier.",
                        "CLIENT_ID");
            }
        } catch (SQLException e) {
            throw JmsErrors.from("Taking the client identifier '" + clientId + "'", e);
        }
        taken = new Taken(clientId, token);
    }

    void giveBack() {
        Taken known = taken;
        if (known != null) {
            taken = null;
            identifiers.giveBack(known);
        }
    }
}
