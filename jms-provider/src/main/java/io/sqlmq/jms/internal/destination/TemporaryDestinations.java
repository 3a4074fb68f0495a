package io.sqlmq.jms.internal.destination;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.TemporaryNames;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The temporary destinations of the connections of one factory. A name carries the process and the connection that it
 * belongs to, so that everybody can tell whose it is.
 */
public final class TemporaryDestinations {
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong names = new AtomicLong();
    private final Set<String> ownPrefixes = ConcurrentHashMap.newKeySet();
    private final Set<String> existing = ConcurrentHashMap.newKeySet();

    /**
     * The beginning of all names of a connection.
     *
     * @param processPrefix see {@link Engine#temporaryPrefix}
     */
    String newOwner(String processPrefix) {
        ownPrefixes.add(processPrefix);
        return processPrefix + connections.incrementAndGet() + ":";
    }

    String create(String owner) {
        String name = owner + names.incrementAndGet();
        existing.add(name);
        return name;
    }

    void delete(String name) {
        existing.remove(name);
    }

    /** Deletes all of a connection and returns them. */
    List<String> deleteAll(String owner) {
        List<String> deleted =
                existing.stream().filter(name -> name.startsWith(owner)).toList();
        deleted.forEach(existing::remove);
        return deleted;
    }

    /** Whether {@code name} was made by this factory and is gone. */
    public boolean isDeleted(String name) {
        return isTemporary(name) && ownPrefixes.stream().anyMatch(name::startsWith) && !existing.contains(name);
    }

    public static boolean isTemporary(String name) {
        return TemporaryNames.isOne(name);
    }
}
