package io.sqlmq.engine.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Destination names as ActiveMQ matches them: segments are separated by dots, {@code *} stands for one segment, {@code
 * >} at the end for any number of segments, none included. Patterns that say more come first.
 */
public record NamePattern(List<String> segments) implements Comparable<NamePattern> {
    private static final String ONE = "*";
    private static final String REST = ">";

    /** Whether a name is one that stands for others. */
    public static boolean isPattern(String name) {
        if (name.indexOf('*') < 0 && !name.endsWith(REST)) {
            return false;
        }
        List<String> segments = segments(name);
        return segments.contains(ONE) || segments.get(segments.size() - 1).equals(REST);
    }

    /**
     * Reads a pattern. Several {@code >} at the end say no more than one, as in ActiveMQ.
     *
     * @throws IllegalArgumentException if {@code >} is not at the end
     */
    public static NamePattern parse(String pattern) {
        List<String> segments = segments(pattern);
        int size = segments.size();
        while (size > 1
                && segments.get(size - 1).equals(REST)
                && segments.get(size - 2).equals(REST)) {
            size--;
        }
        segments = segments.subList(0, size);
        if (segments.subList(0, segments.size() - 1).contains(REST)) {
            throw new IllegalArgumentException(
                    "In the destination pattern \"" + pattern + "\" > is not at the end; use * for one segment");
        }
        return new NamePattern(List.copyOf(segments));
    }

    /** Reads patterns separated by commas; a name without wildcards stands for itself. */
    public static List<NamePattern> parseAll(String patterns) {
        return Arrays.stream(patterns.split(",", -1)).map(NamePattern::parse).toList();
    }

    private static List<String> segments(String name) {
        return List.of(name.split("\\.", -1));
    }

    /** The characters with which all names begin that match. */
    public String prefix() {
        int first = segments.indexOf(ONE);
        int fixed = first >= 0 ? first : segments.size() - (endsOpen() ? 1 : 0);
        String prefix = String.join(".", segments.subList(0, fixed));
        return fixed == 0 || fixed == segments.size() || (endsOpen() && fixed == segments.size() - 1)
                ? prefix
                : prefix + ".";
    }

    private boolean endsOpen() {
        return segments.get(segments.size() - 1).equals(REST);
    }

    /** Whether the name is one of those that the pattern stands for. */
    public boolean matches(String name) {
        List<String> names = segments(name);
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            if (segment.equals(REST)) {
                return true;
            }
            if (i >= names.size() || !(segment.equals(ONE) || segment.equals(names.get(i)))) {
                return false;
            }
        }
        return names.size() == segments.size();
    }

    @Override
    public int compareTo(NamePattern other) {
        int common = Math.min(segments.size(), other.segments.size());
        for (int i = 0; i < common; i++) {
            int vagueness = Integer.compare(vagueness(segments.get(i)), vagueness(other.segments.get(i)));
            if (vagueness != 0) {
                return vagueness;
            }
        }
        return Comparator.comparing(NamePattern::toString)
                .thenComparingInt(pattern -> pattern.segments.size())
                .compare(this, other);
    }

    private static int vagueness(String segment) {
        return segment.equals(REST) ? 2 : segment.equals(ONE) ? 1 : 0;
    }

    @Override
    public String toString() {
        return String.join(".", segments);
    }
}
