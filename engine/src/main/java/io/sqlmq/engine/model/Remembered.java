package io.sqlmq.engine.model;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was found out under names or texts that applications choose, and can be found out again: all is forgotten when it
 * becomes too much, since nobody tells when the last of those who use a name is gone. Thread-safe.
 *
 * @param <K> by what it is found
 * @param <V> what is remembered
 */
public final class Remembered<K, V> {
    private static final int MOST = 10_000;

    private final Map<K, V> values = new ConcurrentHashMap<>();

    /** What is known, or null. */
    public @Nullable V get(K key) {
        return values.get(key);
    }

    /**
     * What is known, or is found now.
     *
     * @param find must not ask here again
     */
    public V get(K key, Function<K, V> find) {
        V known = values.get(key);
        if (known != null) {
            return known;
        }
        makeRoom();
        return values.computeIfAbsent(key, find);
    }

    /** Remembers this from now on. */
    public void put(K key, V value) {
        makeRoom();
        values.put(key, value);
    }

    /** It does not hold any more. */
    public void remove(K key) {
        values.remove(key);
    }

    private void makeRoom() {
        if (values.size() >= MOST) {
            values.clear();
        }
    }

    int size() {
        return values.size();
    }
}
