package io.sqlmq.jms.internal;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The temporary destinations of the connections of one factory. A name carries the factory's own identifier and the
 * connection's number, so that creating one needs no database and everybody can tell whose it is.
 */
final class TemporaryDestinations {
    private static final String MARK = "sqlmq-temp:";

    private final String prefix = MARK + UUID.randomUUID() + ":";
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong names = new AtomicLong();
    private final Set<String> existing = ConcurrentHashMap.newKeySet();

    /** The beginning of all names of a new connection. */
    String newOwner() {
        return prefix + connections.incrementAndGet() + ":";
    }

    String create(String owner) {
        String name = owner + names.incrementAndGet();
        existing.add(name);
        return name;
    }

    void delete(String name) {
        existing.remove(name);
    }

    void deleteAll(String owner) {
        existing.removeIf(name -> name.startsWith(owner));
    }

    /** Whether {@code name} was made by this factory and is gone. */
    boolean isDeleted(String name) {
        return name.startsWith(prefix) && !existing.contains(name);
    }

    static boolean isTemporary(String name) {
        return name.startsWith(MARK);
    }
}
