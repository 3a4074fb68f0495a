package io.sqlmq.engine.channel;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What was announced to be in a channel and has not been handed over by this process. When a look has found the channel
 * empty and all that was announced since is handed over, it is empty still, and nobody has to look to know. Guarded by the
 * lock of its channel, except {@link #isNothingLeft} and {@link #isOnlyTheseLeft}.
 */
final class Announced {

    /** What a nearly empty queue has of them. Of more it is forgotten which they were: then there has to be a look. */
    private static final int MOST = 64;

    /** The messages, and where the channel's version stood when they were announced. */
    private final Map<UUID, Long> waiting = new HashMap<>();
    /** Handed over before they were announced: a claim finds what is committed, which is told a moment later. */
    private final Set<UUID> early = new HashSet<>();

    /** Where the version stood when anything may have come that is not in {@code waiting}. */
    private long unknownAt = 1;
    /** Everything that was there at this version was seen to be gone. */
    private long emptyAt;

    private volatile boolean nothingLeft;
    private volatile boolean onlyTheseLeft;

    /** Whether the channel is empty for consumers that take any message. */
    boolean isNothingLeft() {
        return nothingLeft;
    }

    /** Whether there is something, and it is what was announced. */
    boolean isOnlyTheseLeft() {
        return onlyTheseLeft;
    }

    /** These are committed. */
    void add(Collection<UUID> messages, long version) {
        if (waiting.size() + messages.size() > MOST) {
            addUnknown(version);
            return;
        }
        for (UUID message : messages) {
            if (!early.remove(message)) {
                waiting.put(message, version);
            }
        }
        conclude();
    }

    /** Anything may be there. */
    void addUnknown(long version) {
        unknownAt = version;
        waiting.clear();
        early.clear();
        conclude();
    }

    void handedOver(UUID message) {
        if (waiting.remove(message) == null && emptyAt >= unknownAt) {
            if (early.size() == MOST) {
                early.clear();
            }
            early.add(message);
        }
        conclude();
    }

    /** A look that began at this version found nothing. Returns whether it is known now what else may be there. */
    boolean foundEmpty(long version) {
        if (version > emptyAt) {
            emptyAt = version;
            waiting.values().removeIf(announced -> announced <= version);
        }
        conclude();
        return emptyAt >= unknownAt;
    }

    private void conclude() {
        boolean known = emptyAt >= unknownAt;
        nothingLeft = known && waiting.isEmpty();
        onlyTheseLeft = known && !waiting.isEmpty();
    }
}
