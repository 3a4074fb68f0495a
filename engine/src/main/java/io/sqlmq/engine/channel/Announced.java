package io.sqlmq.engine.channel;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was announced to be in a channel and has not been handed over by this process. When a look has found the channel
 * empty and all that was announced since is handed over, it is empty still, and nobody has to look to know. Messages go by
 * their {@link Ready#mark}. Guarded by the lock of its channel, except the questions what is left.
 */
final class Announced {

    /** What a nearly empty queue has of them. Of more it is forgotten which they were: then there has to be a look into their table. */
    private static final int MOST = 64;

    private static final int MANY = Integer.MAX_VALUE;

    /** What is left. */
    private enum Left {
        ANYTHING,
        NOTHING,
        LOGGED,
        UNLOGGED,
        OF_BOTH_TABLES
    }

    /**
     * A message that nobody has handed over.
     *
     * @param version where the channel's version stood when it was announced
     */
    private record Waiting(boolean unlogged, long version) {}

    private final Map<Long, Waiting> waiting = new HashMap<>();
    private int unlogged;
    /** Handed over before they were announced: a claim finds what is committed, which is told a moment later. */
    private final Set<Long> early = new HashSet<>();

    /** Where the version stood when anything may have come that is not in {@code waiting}. */
    private long unknownAt = 1;
    /** The same, for messages that are ready in that table. */
    private long manyLoggedAt;

    private long manyUnloggedAt;
    /** Everything that was there at this version was seen to be gone. */
    private long emptyAt;

    private volatile Left left = Left.ANYTHING;
    private volatile int count;

    /** Whether the channel is empty for consumers that take any message. */
    boolean isNothingLeft() {
        return left == Left.NOTHING;
    }

    /** Whether there is something, and it is a few that were announced. */
    boolean isFewLeft() {
        return left.compareTo(Left.NOTHING) > 0 && count != MANY;
    }

    /** Whether there is something, and it was announced and is in that table. */
    boolean isOnlyTheseLeft(boolean inUnlogged) {
        return left == (inUnlogged ? Left.UNLOGGED : Left.LOGGED);
    }

    /** How many messages are left, if they are few. */
    int count() {
        return count;
    }

    /**
     * These are committed.
     *
     * @param messages null: some, nobody knows which
     * @param inUnlogged in which table
     */
    void add(@Nullable Collection<Long> messages, boolean inUnlogged, long version) {
        if (messages == null || waiting.size() + messages.size() > MOST) {
            if (inUnlogged) {
                manyUnloggedAt = version;
            } else {
                manyLoggedAt = version;
            }
            conclude();
            return;
        }
        for (Long message : messages) {
            if (!early.remove(message)
                    && waiting.put(message, new Waiting(inUnlogged, version)) == null
                    && inUnlogged) {
                unlogged++;
            }
        }
        conclude();
    }

    /** Anything may be there. */
    void addUnknown(long version) {
        unknownAt = version;
        waiting.clear();
        unlogged = 0;
        early.clear();
        conclude();
    }

    void handedOver(long message) {
        Waiting before = waiting.remove(message);
        if (before != null) {
            unlogged -= before.unlogged() ? 1 : 0;
        } else if (emptyAt >= unknownAt) {
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
            waiting.values().removeIf(announced -> announced.version() <= version);
            unlogged = (int) waiting.values().stream().filter(Waiting::unlogged).count();
        }
        conclude();
        return emptyAt >= unknownAt;
    }

    private void conclude() {
        boolean manyLogged = emptyAt < manyLoggedAt;
        boolean manyUnlogged = emptyAt < manyUnloggedAt;
        boolean anyLogged = manyLogged || waiting.size() > unlogged;
        boolean anyUnlogged = manyUnlogged || unlogged > 0;
        count = manyLogged || manyUnlogged ? MANY : waiting.size();
        if (emptyAt < unknownAt) {
            left = Left.ANYTHING;
        } else if (anyLogged) {
            left = anyUnlogged ? Left.OF_BOTH_TABLES : Left.LOGGED;
        } else {
            left = anyUnlogged ? Left.UNLOGGED : Left.NOTHING;
        }
    }
}
