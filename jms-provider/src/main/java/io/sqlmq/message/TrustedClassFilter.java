package io.sqlmq.message;

import java.io.InvalidClassException;
import java.io.InvalidObjectException;
import java.io.ObjectInputFilter;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks everything that one object stream brings: classes, also those of array components, against the trusted ones,
 * and sizes against what a stream of this length can honestly hold. One filter serves one stream.
 */
final class TrustedClassFilter implements ObjectInputFilter {
    static final int MAX_DEPTH = 500;

    /**
     * Sets of sets that share elements take time that doubles with each level. Maps and sets within a stream limit its
     * depth to what is computed in a moment.
     */
    static final int MAX_DEPTH_WITH_HASHES = 24;

    private static final int MAX_REFERENCES = 10_000_000;

    /** A hash table is allocated larger than the entries that fill it. */
    private static final long ARRAY_ELEMENTS_PER_BYTE = 16;

    /** What List.of, Set.of and Map.of make is written as one of these. */
    private static final String IMMUTABLE = "java.util.CollSer";

    private final TrustedClasses trusted;
    private final int streamLength;
    private final HashingCost cost;
    private long depth;
    private long objects;
    private boolean hashes;
    private boolean chained;
    private boolean probed;
    private boolean tooLarge;
    private @Nullable String untrusted;

    TrustedClassFilter(TrustedClasses trusted, int streamLength) {
        this.trusted = trusted;
        this.streamLength = streamLength;
        this.cost = new HashingCost(streamLength);
    }

    /** The class for which the stream was rejected, or null if it was for its sizes or not at all. */
    @Nullable
    String untrusted() {
        return untrusted;
    }

    /** Whether the stream was rejected for what its collections could cost. */
    boolean isTooLarge() {
        return tooLarge;
    }

    /**
     * To be asked before the class of that name is loaded.
     *
     * @param className also of an array
     * @throws InvalidClassException if it is not trusted
     */
    void checkName(String className) throws InvalidClassException {
        int dimensions = className.lastIndexOf('[') + 1;
        String component = className.substring(dimensions);
        if (dimensions > 0) {
            if (!component.startsWith("L")) {
                return; // of a primitive type
            }
            component = component.substring(1).replace(";", "");
        }
        if (!trusted.isTrusted(component)) {
            untrusted = component;
            throw new InvalidClassException(component, "not trusted");
        }
    }

    /**
     * To be asked about each object once it is complete, before it gets into a collection.
     *
     * @throws InvalidObjectException if hashing what the stream holds could take too long
     */
    void checkObject(Object object) throws InvalidObjectException {
        objects++;
        cost.add(object);
        if (isTooCostly(objects)) {
            throw new InvalidObjectException("its collections may take too long");
        }
    }

    @Override
    public Status checkInput(FilterInfo info) {
        if (info.references() > MAX_REFERENCES
                || info.arrayLength() > ARRAY_ELEMENTS_PER_BYTE * streamLength
                || info.depth() > MAX_DEPTH) {
            return Status.REJECTED;
        }
        Class<?> type = info.serialClass();
        depth = Math.max(depth, info.depth());
        if (type != null) {
            hashes |= isHashed(type);
            chained |= Hashtable.class.isAssignableFrom(type);
            probed |= type.getName().equals(IMMUTABLE);
        }
        if ((hashes && depth > MAX_DEPTH_WITH_HASHES) || isTooCostly(info.references())) {
            return Status.REJECTED;
        }
        if (type == null) {
            return Status.UNDECIDED;
        }
        while (type.isArray()) {
            type = type.getComponentType();
        }
        if (type.isPrimitive() || trusted.isTrusted(type.getName())) {
            return Status.ALLOWED;
        }
        untrusted = type.getName();
        return Status.REJECTED;
    }

    /**
     * Keys of the same hash code are compared with each other one by one: all of a Hashtable, to which it is enough that they
     * fall into one place of its table; those of other maps and sets that have no order, of the JDK's values only collections;
     * and all in what Set.of and Map.of make.
     */
    private boolean isTooCostly(long count) {
        boolean costly = cost.isTangled() || cost.hasAlikeCollections();
        tooLarge |= (chained && count > trusted.maxHashtableObjects())
                || (hashes && costly)
                || (probed && cost.hasAlikeValues());
        return tooLarge;
    }

    private static boolean isHashed(Class<?> type) {
        return Map.class.isAssignableFrom(type)
                || Set.class.isAssignableFrom(type)
                || type.getName().equals(IMMUTABLE);
    }
}
