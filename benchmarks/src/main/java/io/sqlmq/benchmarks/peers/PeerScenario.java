package io.sqlmq.benchmarks.peers;

import java.util.List;
import java.util.function.Function;

/**
 * Something to measure peers by.
 *
 * @param name it is selected by it
 * @param description what happens, in a sentence
 * @param unit what is counted per second
 * @param loads its cases
 */
record PeerScenario(String name, String description, String unit, Function<Extent, List<Load>> loads) {}
