package io.sqlmq.jms;

import java.io.InvalidObjectException;
import java.io.Serializable;
import java.util.LinkedHashMap;

/**
 * What a connection factory is while it is serialized (§5.1). It becomes a factory of its own again, which connects when it is
 * used.
 */
record SerializedFactory(String url, LinkedHashMap<String, String> options) implements Serializable {

    private Object readResolve() throws InvalidObjectException {
        try {
            SqlmqOptions set = new SqlmqOptions();
            options.forEach(set::set);
            return new SqlmqConnectionFactory(url, set);
        } catch (IllegalArgumentException e) {
            InvalidObjectException refused =
                    new InvalidObjectException("The connection factory cannot be made again: " + e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }
}
