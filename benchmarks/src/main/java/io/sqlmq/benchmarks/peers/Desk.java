package io.sqlmq.benchmarks.peers;

import java.util.HashMap;
import java.util.Map;

/** What a child has open, from one task to the next. Used by the one thread that runs the tasks. */
final class Desk implements AutoCloseable {

    private final Map<String, AutoCloseable> things = new HashMap<>();

    /** Keeps something until it is closed by name, or with the child. */
    void put(String name, AutoCloseable thing) {
        if (things.putIfAbsent(name, thing) != null) {
            throw new IllegalStateException(name + " is open already");
        }
    }

    /** What was kept under the name. */
    <T extends AutoCloseable> T get(String name, Class<T> type) {
        return type.cast(things.get(name));
    }

    void close(String name) throws Exception {
        AutoCloseable thing = things.remove(name);
        if (thing != null) {
            thing.close();
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable thing : things.values()) {
            thing.close();
        }
    }
}
