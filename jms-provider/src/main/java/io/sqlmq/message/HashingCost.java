package io.sqlmq.message;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the objects of one stream cost whoever hashes them: a few kilobytes can be days of work, when collections are within
 * each other again and again, or when keys were made to have the same hash code. Looks only at values and collections of the
 * JDK; what classes of applications do when they are hashed is theirs. Used by one thread.
 */
final class HashingCost {
    /** Elements that computing one hash code may visit. */
    private static final long MOST_VISITS = 10_000_000;

    /** Different values of one hash code; with senders of good will there are two or three. */
    private static final int MOST_ALIKE = 1_000;

    private static final int MOST_BUCKETS = 1 << 16;
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final IdentityHashMap<Object, Hashed> collections = new IdentityHashMap<>();
    private final Map<Integer, Set<Long>> suspicious = new HashMap<>();
    private final int[] sizes;
    private long steps;
    private boolean tangled;
    private boolean alikeCollections;
    private boolean alikeValues;

    /**
     * What hashing an object comes to.
     *
     * @param visits elements that are visited for it
     * @param hash its hash code
     * @param print another one, by which to tell whether objects with one hash code are equal
     */
    private record Hashed(long visits, int hash, long print) {}

    /** @param streamLength bytes */
    HashingCost(int streamLength) {
        sizes = new int[Integer.highestOneBit(Math.max(1, Math.min(streamLength, MOST_BUCKETS)))];
    }

    /** An object has come, complete. */
    void add(Object object) {
        if (object.getClass().getClassLoader() != null) {
            return;
        }
        if (object instanceof Collection || object instanceof Map || object instanceof Map.Entry) {
            Hashed hashed = hashed(object);
            tangled |= hashed.visits > MOST_VISITS;
            alikeCollections |= isAlike(object, hashed.hash);
        } else if (isValue(object)) {
            alikeValues |= isAlike(object, object.hashCode());
        }
    }

    /** Whether there is a collection whose hash code takes for ever. */
    boolean isTangled() {
        return tangled;
    }

    /** Whether there are many collections with the same hash code. */
    boolean hasAlikeCollections() {
        return alikeCollections;
    }

    /** Whether there are many values, such as strings or numbers, with the same hash code. */
    boolean hasAlikeValues() {
        return alikeValues;
    }

    private static boolean isValue(Object object) {
        return object instanceof Comparable
                && !(object instanceof Enum)
                && object.getClass().getClassLoader() == null;
    }

    private boolean isAlike(Object object, int hash) {
        if (++sizes[(hash ^ hash >>> 16) & (sizes.length - 1)] <= MOST_ALIKE) {
            return false;
        }
        // Most often one value that comes again and again.
        Set<Long> different = suspicious.computeIfAbsent(hash, h -> new HashSet<>());
        if (different.size() <= MOST_ALIKE) {
            different.add(within(object).print);
        }
        return different.size() > MOST_ALIKE;
    }

    private Hashed hashed(Object collection) {
        collections.put(collection, new Hashed(1, 0, 0)); // if it is within itself
        Hashed hashed;
        if (collection instanceof Map.Entry<?, ?> entry) {
            hashed = entry(entry);
        } else if (collection instanceof Map<?, ?> map) {
            hashed = all(map.entrySet(), false);
        } else {
            hashed = all((Collection<?>) collection, collection instanceof List);
        }
        if (!(collection instanceof Set || collection instanceof List || collection instanceof Map)
                && !(collection instanceof Map.Entry)) {
            hashed = new Hashed(hashed.visits, System.identityHashCode(collection), hashed.print);
        }
        collections.put(collection, hashed);
        return hashed;
    }

    private Hashed all(Iterable<?> elements, boolean inOrder) {
        long visits = 1;
        int hash = inOrder ? 1 : 0;
        long print = 1;
        for (Object element : elements) {
            Hashed hashed = element instanceof Map.Entry<?, ?> entry && !collections.containsKey(entry)
                    ? entry(entry)
                    : within(element);
            visits += hashed.visits;
            hash = (inOrder ? 31 * hash : hash) + hashed.hash;
            print = (inOrder ? PRIME * print : print) + mix(hashed.print);
            if (visits > MOST_VISITS) {
                break;
            }
        }
        return new Hashed(visits, hash, print);
    }

    private Hashed entry(Map.Entry<?, ?> entry) {
        Hashed key = within(entry.getKey());
        Hashed value = within(entry.getValue());
        return new Hashed(key.visits + value.visits, key.hash ^ value.hash, PRIME * mix(key.print) + mix(value.print));
    }

    private Hashed within(@Nullable Object object) {
        if (++steps > MOST_VISITS) {
            return new Hashed(MOST_VISITS, 0, 0); // wrappers of wrappers of one large collection
        }
        if (object == null) {
            return new Hashed(1, 0, 0);
        }
        if (isValue(object)) {
            return new Hashed(1, object.hashCode(), print(object.toString()));
        }
        Hashed known = collections.get(object);
        if (known != null) {
            return known;
        }
        int identity = System.identityHashCode(object);
        return new Hashed(1, identity, identity);
    }

    private static long print(String text) {
        long print = 1;
        for (int i = 0; i < text.length(); i++) {
            print = PRIME * print + text.charAt(i);
        }
        return print;
    }

    private static long mix(long print) {
        return (print ^ print >>> 32) * PRIME;
    }
}
