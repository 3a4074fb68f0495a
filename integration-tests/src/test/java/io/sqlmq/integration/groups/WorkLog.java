package io.sqlmq.integration.groups;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What consumers did with messages of groups: each is numbered from 0 within its group. Thread-safe. */
final class WorkLog {

    private final Map<String, Object> workers = new ConcurrentHashMap<>();
    private final Map<String, Integer> done = new ConcurrentHashMap<>();
    private final Map<String, Integer> begun = new ConcurrentHashMap<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** A worker has got a message: nobody else works on the group, and it is the next, one behind those in its hands. */
    void begin(String group, int number, Object worker) {
        Object other = workers.putIfAbsent(group, worker);
        if (other != null && other != worker) {
            faults.add(group + "/" + number + " came while its group was in other hands");
        }
        int expected = begun.getOrDefault(group, done.getOrDefault(group, -1)) + 1;
        if (number != expected) {
            faults.add(group + "/" + number + " came instead of " + group + "/" + expected);
        }
        begun.put(group, number);
    }

    /** The worker is about to acknowledge what it has of the group, up to this message. */
    void finish(String group, int number) {
        done.put(group, number);
        begun.remove(group);
        workers.remove(group);
        count.incrementAndGet();
    }

    /** The worker is about to give back what it has of the group. */
    void giveUp(String group) {
        begun.remove(group);
        workers.remove(group);
    }

    int finished() {
        return count.get();
    }

    int done(String group) {
        return done.getOrDefault(group, -1);
    }

    List<String> faults() {
        return List.copyOf(faults);
    }
}
