package io.sqlmq.jms.internal.client;

import jakarta.jms.IllegalStateException;

/** Which of the three classic APIs an object was made by; the domain-specific ones refuse the other domain (§6.1.8). */
public enum Domain {
    COMMON,
    QUEUE,
    TOPIC;

    public void requireQueues(String method) throws IllegalStateException {
        if (this == TOPIC) {
            throw refused(method, "topic", "queue");
        }
    }

    public void requireTopics(String method) throws IllegalStateException {
        if (this == QUEUE) {
            throw refused(method, "queue", "topic");
        }
    }

    private static IllegalStateException refused(String method, String own, String other) {
        return new IllegalStateException(
                method + "() is for " + other + "s, and this connection or session is only for " + own
                        + "s. Create it by createConnection() or createSession().",
                "DOMAIN");
    }
}
