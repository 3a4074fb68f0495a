package io.sqlmq.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Rounds of two sides that ran in turns: round i of one was measured next to round i of the other. */
record Comparison(List<Measurement> ours, List<Measurement> byHand) {

    /** Ours over theirs: the median of the ratios of neighbouring rounds, so that slow phases of the machine cancel. */
    double ratio() {
        return ratio(Measurement::perSecond);
    }

    double ratio(ToDoubleFunction<Measurement> value) {
        double[] ratios = new double[ours.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = value.applyAsDouble(ours.get(i)) / value.applyAsDouble(byHand.get(i));
        }
        return Quantile.of(ratios, 0.5);
    }

    static double median(List<Measurement> rounds, ToDoubleFunction<Measurement> value) {
        return Quantile.of(rounds.stream().mapToDouble(value).toArray(), 0.5);
    }
}
