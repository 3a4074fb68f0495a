package io.sqlmq.console;

import io.sqlmq.console.Queues.Queue;
import io.sqlmq.console.Queues.Server;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong, or may be.
 *
 * @param weight the more, the worse
 * @param queue which it is about, or null
 * @param text in words
 */
record Problem(int weight, @Nullable String queue, boolean isDead, String text) {
    private static final double OLD_SECONDS = 60;
    private static final double LONG_SECONDS = 300;
    private static final int MOST = 20;

    /** The worst first. */
    static List<Problem> of(List<Queue> queues, Server server, Samples samples, long now) {
        List<Problem> problems = new ArrayList<>();
        for (Queue queue : queues) {
            String name = name(queue);
            if (queue.setAside() > 0) {
                problems.add(new Problem(
                        90, queue.name(), false, Words.count(queue.setAside(), "message") + " set aside in " + name));
            }
            if (queue.holdsDead()) {
                problems.add(new Problem(
                        80,
                        queue.name(),
                        true,
                        (queue.more() ? "more than " : "") + Words.count(queue.depth(), "dead letter") + " in "
                                + name));
                continue;
            }
            if (queue.paused()) {
                problems.add(new Problem(30, queue.name(), false, name + " is paused"));
                continue;
            }
            Long growth = samples.growth(queue, now);
            if (growth != null && growth > Math.max(100, queue.depth() / 5)) {
                problems.add(new Problem(
                        70, queue.name(), false, name + " has grown by " + Words.number(growth) + " in five minutes"));
            }
            if (queue.ready() > 0 && queue.age() != null && queue.age() > OLD_SECONDS && queue.isPlain()) {
                boolean alone = queue.consumers() == 0 && queue.inFlight() == 0;
                problems.add(new Problem(
                        alone ? 60 : 50,
                        queue.name(),
                        false,
                        (alone ? "nobody waits on " + name + ", the" : "the") + " oldest message "
                                + (alone ? "" : "of " + name + " ") + "is there for " + Words.seconds(queue.age())));
            }
        }
        if (server.transaction() > LONG_SECONDS) {
            problems.add(new Problem(
                    75,
                    null,
                    false,
                    "a transaction is open for " + Words.seconds(server.transaction()) + ": vacuum cannot clean up"));
        }
        if (server.prepared() > LONG_SECONDS) {
            problems.add(
                    new Problem(75, null, false, "a transaction is prepared for " + Words.seconds(server.prepared())));
        }
        if (server.deadRows() > 50_000 + 5 * server.rows()) {
            problems.add(new Problem(
                    65,
                    null,
                    false,
                    "vacuum lags: " + Words.number(server.deadRows()) + " dead rows are in the tables"));
        }
        problems.sort(Comparator.comparingInt(Problem::weight).reversed());
        return problems.size() > MOST ? List.copyOf(problems.subList(0, MOST)) : List.copyOf(problems);
    }

    private static String name(Queue queue) {
        return queue.topic() == null
                ? queue.name()
                : "the subscription " + (queue.subscription() == null ? queue.name() : queue.subscription()) + " to "
                        + queue.topic();
    }

    Map<String, @Nullable Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("queue", queue);
        json.put("text", text);
        return json;
    }
}
