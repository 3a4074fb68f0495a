package io.sqlmq.schema;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The version of a migration: numbers, compared one after the other. 2 is 2.0, and less than 2.1. */
record Version(List<BigInteger> numbers) implements Comparable<Version> {

    Version {
        numbers = List.copyOf(numbers);
    }

    /**
     * Reads a version as it is in the history or in the name of a file.
     *
     * @param text numbers with dots or underscores between
     */
    static Version parse(String text) {
        List<BigInteger> numbers =
                Stream.of(text.split("[._]")).map(BigInteger::new).collect(Collectors.toCollection(ArrayList::new));
        while (numbers.size() > 1 && numbers.get(numbers.size() - 1).signum() == 0) {
            numbers.remove(numbers.size() - 1);
        }
        return new Version(numbers);
    }

    @Override
    public int compareTo(Version other) {
        for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
            int order = number(i).compareTo(other.number(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private BigInteger number(int place) {
        return place < numbers.size() ? numbers.get(place) : BigInteger.ZERO;
    }

    @Override
    public String toString() {
        return numbers.stream().map(BigInteger::toString).collect(Collectors.joining("."));
    }
}
