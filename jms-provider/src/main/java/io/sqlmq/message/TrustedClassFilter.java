package io.sqlmq.message;

import java.io.ObjectInputFilter;
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

    private final TrustedClasses trusted;
    private final int streamLength;
    private long depth;
    private boolean hashes;
    private @Nullable String untrusted;

    TrustedClassFilter(TrustedClasses trusted, int streamLength) {
        this.trusted = trusted;
        this.streamLength = streamLength;
    }

    /** The class for which the stream was rejected, or null if it was for its sizes or not at all. */
    @Nullable
    String untrusted() {
        return untrusted;
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
        hashes |= type != null && isHashed(type);
        if (hashes && depth > MAX_DEPTH_WITH_HASHES) {
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

    private static boolean isHashed(Class<?> type) {
        return Map.class.isAssignableFrom(type)
                || Set.class.isAssignableFrom(type)
                || type.getName().equals("java.util.CollSer");
    }
}
