package io.sqlmq.jms;

import java.util.Comparator;
import java.util.List;

/**
 * Destination names as ActiveMQ matches them: segments are separated by dots, {@code *} stands for one segment, {@code
 * >} at the end for any number of segments, none included. Patterns that say more come first.
 */
record DestinationPattern(List<String> segments) implements Comparable<DestinationPattern> {
    private static final String ONE = "*";
    private static final String REST = ">";

    static DestinationPattern parse(String pattern) {
        List<String> segments = List.of(pattern.split("\\.", -1));
        if (segments.subList(0, segments.size() - 1).contains(REST)) {
            throw new IllegalArgumentException(
                    "In the destination pattern \"" + pattern + "\" > is not at the end; use * for one segment");
        }
        if (!SqlmqDestination.isName(pattern)) {
            throw new IllegalArgumentException("\"" + pattern + "\" is not possible as a destination pattern");
        }
        return new DestinationPattern(segments);
    }

    boolean matches(String name) {
        List<String> names = List.of(name.split("\\.", -1));
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
    public int compareTo(DestinationPattern other) {
        int common = Math.min(segments.size(), other.segments.size());
        for (int i = 0; i < common; i++) {
            int vagueness = Integer.compare(vagueness(segments.get(i)), vagueness(other.segments.get(i)));
            if (vagueness != 0) {
                return vagueness;
            }
        }
        return Comparator.comparing(DestinationPattern::toString)
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
