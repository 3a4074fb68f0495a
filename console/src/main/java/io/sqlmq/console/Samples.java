package io.sqlmq.console;

import io.sqlmq.console.Queues.Queue;
import io.sqlmq.console.Queues.Server;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was looked at in the last hour, one sample each 10 s, in memory: 360 samples of at most 2,000 queues, some 18 MB. They are there
 * while the role is logged in, and nowhere else. Thread-safe.
 */
final class Samples {
    static final long PERIOD_MILLIS = 10_000;
    private static final int MOST = 360;
    private static final int MOST_QUEUES = 2_000;

    /** Depth, age in seconds or -1, and messages a second or NaN. */
    private record Size(int depth, int age, float sent, float gone) {
        static Size of(Queue queue) {
            return new Size(
                    (int) queue.depth(),
                    queue.age() == null ? -1 : (int) Math.min(queue.age(), 1e9),
                    queue.sent() == null ? Float.NaN : queue.sent().floatValue(),
                    queue.gone() == null ? Float.NaN : queue.gone().floatValue());
        }
    }

    private record Sample(long at, Server server, Map<String, Size> queues) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Takes what was looked at, unless the last sample is younger than the period. */
    synchronized void add(long at, List<Queue> queues, Server server) {
        Sample last = samples.peekLast();
        if (last != null && at - last.at < PERIOD_MILLIS - 500) {
            return;
        }
        Map<String, Size> sizes = new HashMap<>();
        queues.stream().limit(MOST_QUEUES).forEach(q -> sizes.put(q.name(), Size.of(q)));
        samples.addLast(new Sample(at, server, sizes));
        while (samples.size() > MOST) {
            samples.removeFirst();
        }
    }

    /** By how much a queue has grown in the last five minutes; null where that cannot be told yet, or it did not grow throughout. */
    synchronized @Nullable Long growth(Queue queue, long now) {
        Long first = null;
        long before = -1;
        for (Sample sample : samples) {
            if (sample.at >= now - 300_000) {
                Size size = sample.queues.get(queue.name());
                long depth = size == null ? 0 : size.depth;
                if (first == null) {
                    first = now - sample.at < 60_000 ? Long.valueOf(-1) : Long.valueOf(depth);
                } else if (depth < before) {
                    return null;
                }
                before = depth;
            }
        }
        return first == null || first < 0 ? null : queue.depth() - first;
    }

    /** Depths and ages of a queue, and how many messages were sent and gone a second, by time in seconds. */
    synchronized Map<String, @Nullable Object> json(@Nullable String queue) {
        List<@Nullable Object> times = new ArrayList<>();
        List<@Nullable Object> depths = new ArrayList<>();
        List<@Nullable Object> ages = new ArrayList<>();
        List<@Nullable Object> sent = new ArrayList<>();
        List<@Nullable Object> gone = new ArrayList<>();
        Sample before = null;
        for (Sample sample : samples) {
            times.add(sample.at / 1000);
            Size size = queue == null ? null : sample.queues.get(queue);
            depths.add(
                    queue == null
                            ? sample.queues.values().stream()
                                    .mapToLong(Size::depth)
                                    .sum()
                            : size == null ? 0 : size.depth);
            ages.add(size == null || size.age < 0 ? null : size.age);
            if (queue != null) {
                sent.add(size == null ? null : Words.rounded(size.sent));
                gone.add(size == null ? null : Words.rounded(size.gone));
            } else {
                sent.add(
                        before == null
                                ? null
                                : rate(sample, before, sample.server.inserted() - before.server.inserted()));
                gone.add(
                        before == null
                                ? null
                                : rate(sample, before, sample.server.deleted() - before.server.deleted()));
            }
            before = sample;
        }
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("time", times);
        json.put("depth", depths);
        json.put("sentPerSecond", sent);
        json.put("gonePerSecond", gone);
        if (queue != null) {
            json.put("oldestAge", ages);
        }
        return json;
    }

    /** Null after the statistics were reset. */
    private static @Nullable Double rate(Sample now, Sample before, long count) {
        return count < 0 ? null : Math.round(count * 10_000.0 / (now.at - before.at)) / 10.0;
    }
}
