package io.sqlmq.engine.channel;

import io.sqlmq.engine.model.Selection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of a channel: one for the consumers that take any message, and one for each selection. Some of those that nobody
 * uses any more are kept, because it takes a while to find out again where what they want begins; the others are
 * forgotten, or request and reply by selectors would leave one for each request. Thread-safe.
 */
public final class ClaimCursors {

    private static final int MOST_UNUSED = 64;

    private static final class Use {
        private final ClaimCursor cursor;
        private int consumers;

        Use(ClaimCursor cursor) {
            this.cursor = cursor;
        }
    }

    private final Channel channel;
    private final ClaimCursor plain;
    private final Map<Selection, Use> selective = new HashMap<>();
    /** Those without consumers, the one that has been without them for longest first. */
    private final Set<Selection> unused = new LinkedHashSet<>();

    private volatile boolean plainOnly = true;

    ClaimCursors(Channel channel) {
        this.channel = channel;
        this.plain = new ClaimCursor(channel, null);
    }

    /** That of consumers that take any message. */
    public ClaimCursor plain() {
        return plain;
    }

    /** Whether there are no others. */
    public boolean isPlainOnly() {
        return plainOnly;
    }

    /** For a consumer with this selection, which is to end the use. */
    synchronized ClaimCursor use(@Nullable Selection selection) {
        if (selection == null) {
            return plain;
        }
        plainOnly = false;
        unused.remove(selection);
        Use use = selective.computeIfAbsent(selection, s -> new Use(new ClaimCursor(channel, s)));
        use.consumers++;
        return use.cursor;
    }

    /** A consumer is closed. */
    synchronized void endUse(ClaimCursor cursor) {
        Selection selection = cursor.selection();
        Use use = selection == null ? null : selective.get(selection);
        if (use == null || --use.consumers > 0) {
            return;
        }
        unused.add(selection);
        if (unused.size() > MOST_UNUSED) {
            Iterator<Selection> oldest = unused.iterator();
            selective.remove(oldest.next());
            oldest.remove();
        }
    }

    /**
     * With which selections consumers wait, as text for operators.
     *
     * @param consumers how many there are of any kind
     * @return empty if some take any message
     */
    synchronized String selections(int consumers) {
        List<Use> used =
                selective.values().stream().filter(use -> use.consumers > 0).toList();
        if (used.stream().mapToInt(use -> use.consumers).sum() < consumers) {
            return "";
        }
        return used.stream()
                .map(use -> Objects.requireNonNull(use.cursor.selection()).text())
                .distinct()
                .sorted()
                .collect(Collectors.joining("; "));
    }

    public synchronized List<ClaimCursor> all() {
        List<ClaimCursor> all = new ArrayList<>();
        selective.values().forEach(use -> all.add(use.cursor));
        all.add(plain);
        return all;
    }
}
