package io.sqlmq.benchmarks;

import java.util.Locale;

/**
 * What a measured value must reach.
 *
 * @param bound the limit
 * @param atLeast whether the value must be at least the bound, rather than at most
 */
record Target(double bound, boolean atLeast) {

    static Target atLeast(double bound) {
        return new Target(bound, true);
    }

    static Target atMost(double bound) {
        return new Target(bound, false);
    }

    boolean isMetBy(double value) {
        return atLeast ? value >= bound : value <= bound;
    }

    @Override
    public String toString() {
        String number = bound == Math.rint(bound) ? String.format(Locale.ROOT, "%,.0f", bound) : Double.toString(bound);
        return (atLeast ? "≥ " : "≤ ") + number;
    }
}
