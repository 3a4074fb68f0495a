package io.sqlmq.benchmarks.peers;

import java.io.Serializable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/** Moments and durations in microseconds: the machine's clock, which all processes read, and a growing list. */
final class Micros implements Serializable {

    private static final long serialVersionUID = 1;

    private int[] values = new int[1024];
    private int size;

    /** Now, since 1970. */
    static long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    void add(long micros) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = (int) Math.min(Integer.MAX_VALUE, micros);
    }

    void addAll(Micros other) {
        for (int i = 0; i < other.size; i++) {
            add(other.values[i]);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    double[] all() {
        return Arrays.stream(values, 0, size).asDoubleStream().toArray();
    }
}
