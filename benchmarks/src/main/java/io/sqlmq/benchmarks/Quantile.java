package io.sqlmq.benchmarks;

import java.util.Arrays;

/** Quantiles of measured values. */
public final class Quantile {

    private Quantile() {}

    /**
     * The smallest value that at least the part {@code p} of all values does not exceed; for the median of an even
     * number of values, the mean of the middle two.
     */
    public static double of(double[] values, double p) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        if (n == 0) {
            return Double.NaN;
        }
        if (p == 0.5 && n % 2 == 0) {
            return (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        }
        return sorted[Math.min(n - 1, Math.max(0, (int) Math.ceil(p * n) - 1))];
    }
}
