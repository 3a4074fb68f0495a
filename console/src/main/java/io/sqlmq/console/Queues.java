package io.sqlmq.console;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of queues. */
final class Queues {
    private Queues() {}

    /**
     * A row of the view {@code mq_overview}.
     *
     * @param topic of a queue behind a subscription; else null
     * @param dead dead letters that came from it
     * @param holdsDead whether it is one of dead letters
     * @param age of the oldest message, in seconds; null if there is none
     * @param more whether there are more than were counted
     * @param sent messages a second, as processes count them; null where none did; likewise {@code gone}
     */
    record Queue(
            String name,
            @Nullable String topic,
            @Nullable String subscription,
            long depth,
            long ready,
            long inFlight,
            long delayed,
            long backingOff,
            long setAside,
            long dead,
            boolean holdsDead,
            @Nullable Double age,
            boolean paused,
            long consumers,
            boolean more,
            @Nullable Double sent,
            @Nullable Double gone) {

        /** Neither behind a subscription nor temporary. */
        boolean isPlain() {
            return topic == null && !name.matches("s:\\d+") && !name.startsWith("sqlmq-temp:");
        }

        Map<String, @Nullable Object> json() {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("queue", name);
            json.put("topic", topic);
            json.put("subscription", subscription);
            json.put("depth", depth);
            json.put("more", more);
            json.put("ready", ready);
            json.put("inFlight", inFlight);
            json.put("delayed", delayed);
            json.put("backingOff", backingOff);
            json.put("setAside", setAside);
            json.put("dead", dead);
            json.put("holdsDeadLetters", holdsDead);
            json.put("oldestAge", age);
            json.put("paused", paused);
            json.put("consumers", consumers);
            json.put("sentPerSecond", sent);
            json.put("gonePerSecond", gone);
            return json;
        }
    }

    /**
     * What is looked at beside the queues.
     *
     * @param inserted messages since the statistics of the server began, counted by the server; likewise {@code deleted}
     * @param deadRows that vacuum has not removed yet
     * @param transaction age of the oldest transaction that is open, in seconds, as far as the role may see; 0 if there is none
     * @param prepared the same of the oldest prepared one
     */
    record Server(long inserted, long deleted, long rows, long deadRows, double transaction, double prepared) {}
}
