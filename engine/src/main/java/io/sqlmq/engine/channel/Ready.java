package io.sqlmq.engine.channel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a channel that are committed and can be delivered at once, by their table and their {@link #mark}.
 *
 * @param logged null: some, nobody knows which
 * @param unlogged the same
 */
record Ready(@Nullable Collection<Long> logged, @Nullable Collection<Long> unlogged) {

    /** Of so many messages at once other processes are told which they are. */
    private static final int TOLD = 8;

    private static final long MARKS = -1L >>> 3;

    /** What goes into a notification in place of the milliseconds until a message is due, and below it two for each mark. */
    private static final long SOME_LOGGED = Notifier.LATER - 1;

    private static final long SOME_UNLOGGED = SOME_LOGGED - 1;

    /** None yet. */
    Ready() {
        this(new ArrayList<>(1), new ArrayList<>(1));
    }

    void add(UUID message, boolean inUnlogged) {
        Objects.requireNonNull(inUnlogged ? unlogged : logged).add(mark(message));
    }

    /** Stands for the message among few others. */
    static long mark(UUID message) {
        return message.getLeastSignificantBits() & MARKS;
    }

    /** How many there are, at least. */
    int count() {
        return (logged == null ? 1 : logged.size()) + (unlogged == null ? 1 : unlogged.size());
    }

    boolean isCountKnown() {
        return logged != null && unlogged != null;
    }

    /** Adds to what other processes are told of the channel. Returns false if that says so already. */
    boolean addTo(Set<Long> told) {
        boolean changed = addTo(told, logged, SOME_LOGGED);
        return addTo(told, unlogged, SOME_UNLOGGED) || changed;
    }

    private static boolean addTo(Set<Long> told, @Nullable Collection<Long> marks, long some) {
        if (told.contains(some) || (marks != null && marks.isEmpty())) {
            return false;
        }
        if (marks != null && told.size() + marks.size() <= TOLD) {
            marks.forEach(mark -> told.add(some - 2 * (mark + 1)));
            return true;
        }
        told.removeIf(code -> (some - code) % 2 == 0);
        return told.add(some);
    }

    /** What another process has told; null: something else. */
    static @Nullable Ready heard(long code) {
        if (code > SOME_LOGGED) {
            return null;
        }
        boolean isUnlogged = (SOME_UNLOGGED - code) % 2 == 0;
        long below = (isUnlogged ? SOME_UNLOGGED : SOME_LOGGED) - code;
        List<Long> marks = below == 0 ? null : List.of(below / 2 - 1);
        return isUnlogged ? new Ready(List.of(), marks) : new Ready(marks, List.of());
    }
}
