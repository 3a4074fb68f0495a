package io.sqlmq.jms.internal;

import jakarta.jms.InvalidClientIDException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The client identifiers in use; each belongs to one connection at a time (§6.1.2). */
final class ClientIds {
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    void take(String clientId) throws InvalidClientIDException {
        if (clientId.isBlank()) {
            throw new InvalidClientIDException("A client identifier must not be blank.", "CLIENT_ID");
        }
        if (!taken.add(clientId)) {
            throw new InvalidClientIDException(
                    "The client identifier '" + clientId + "' is in use by another connection."
                            + " Close that connection or choose another identifier.",
                    "CLIENT_ID");
        }
    }

    void giveBack(String clientId) {
        taken.remove(clientId);
    }
}
