package io.sqlmq.benchmarks;

import java.util.List;

/** Something to measure. */
interface Scenario {

    /** The name it is selected by. */
    String name();

    /** What it measures and against what, in a sentence or two for the report. */
    String description();

    /** Measures; leaves the tables empty or full, the next one does not care. */
    List<Finding> run(Bench bench) throws Exception;
}
