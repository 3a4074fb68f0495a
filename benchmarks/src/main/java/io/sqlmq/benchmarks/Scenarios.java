package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All there are. */
final class Scenarios {

    static final List<Scenario> ALL = List.of(
            Sending.each(),
            Sending.batches(),
            Receiving.each(),
            Receiving.batches(),
            new AutoReceive(),
            AutoListeners.plain(),
            AutoListeners.optimized(),
            new RunningJobs(),
            new IdleLatency(),
            new Volume(),
            new OpenTransaction(),
            new Backlog(),
            new ManyConsumers(),
            new Groups(),
            new Selectors(),
            new LiveFlow(),
            new Subscribing(),
            new Routing(),
            new StoringMessages(),
            new IdleConsumers(),
            new FirstMessage(),
            new Allocation(),
            new Observed());

    private Scenarios() {}

    /**
     * Those with the given names, in the order above; all if none is given.
     *
     * @throws IllegalArgumentException if there is none of a name
     */
    static List<Scenario> named(List<String> names) {
        List<String> unknown = new ArrayList<>(names);
        ALL.forEach(scenario -> unknown.remove(scenario.name()));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("There is no scenario " + String.join(", ", unknown) + "; there are "
                    + ALL.stream().map(Scenario::name).collect(Collectors.joining(", ")));
        }
        return ALL.stream()
                .filter(scenario -> names.isEmpty() || names.contains(scenario.name()))
                .toList();
    }
}
