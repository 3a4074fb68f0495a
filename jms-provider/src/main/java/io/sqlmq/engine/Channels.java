package io.sqlmq.engine;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The channels that this process consumes from, or did until lately. Thread-safe. */
final class Channels {

    private final Engine engine;
    private final Map<String, Channel> byName = new ConcurrentHashMap<>();

    Channels(Engine engine) {
        this.engine = engine;
    }

    /** See {@link Engine#consumer(String, Selection, FailureRules, Integer, Standing)}. */
    ChannelConsumer consumer(
            String name, @Nullable Selection selection, FailureRules rules, int maxClaim, Standing standing) {
        ChannelConsumer[] consumer = new ChannelConsumer[1];
        byName.compute(name, (n, known) -> {
            Channel channel = known == null ? new Channel(name) : known;
            consumer[0] = new ChannelConsumer(engine, channel.heads().use(selection), rules, maxClaim, standing);
            channel.standsOut(consumer[0], engine);
            return channel;
        });
        return consumer[0];
    }

    Collection<Channel> all() {
        return byName.values();
    }

    @Nullable
    Channel known(String name) {
        return byName.get(name);
    }

    /** Forgets channels without consumers and returns those that others know of. */
    String[] dropUnused(long nanos) {
        Set<String> dropped = new LinkedHashSet<>();
        for (Channel channel : byName.values()) {
            byName.computeIfPresent(channel.name(), (name, known) -> {
                if (!known.unusedFor(nanos)) {
                    return known;
                }
                if (known.isRegistered()) {
                    dropped.add(name);
                }
                return null;
            });
        }
        return dropped.toArray(String[]::new);
    }
}
