package io.sqlmq.engine.channel;

import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The channels that this process consumes from, or did until lately. Those without consumers are kept for a while, because it
 * takes one to find out again where their messages begin; but not many, because names may be new for each request. Thread-safe.
 */
public final class Channels {

    private static final int MOST_UNUSED = 1_000;

    private final Map<String, Channel> byName = new ConcurrentHashMap<>();
    /** Those that lost their last consumer, the first that did first; some may have one again. Guarded by itself. */
    private final Set<String> unused = new LinkedHashSet<>();
    /** Other processes know of them, and they are dropped. */
    private final Set<String> stillRegistered = ConcurrentHashMap.newKeySet();

    /**
     * Opens a consumer of a channel, which nobody drops meanwhile.
     *
     * @param open must not ask here again
     */
    ChannelConsumer open(String name, Function<Channel, ChannelConsumer> open) {
        ChannelConsumer[] consumer = new ChannelConsumer[1];
        byName.compute(name, (n, known) -> {
            Channel channel = known == null ? new Channel(name) : known;
            if (known == null) {
                stillRegistered.remove(name);
            }
            consumer[0] = open.apply(channel);
            return channel;
        });
        return consumer[0];
    }

    /** A consumer is closed. Where it was the last, the channel is kept, perhaps in the place of another. */
    void consumerClosed(Channel channel) {
        if (channel.hasConsumers()) {
            return;
        }
        String oldest = null;
        synchronized (unused) {
            unused.remove(channel.name());
            unused.add(channel.name());
            if (unused.size() > MOST_UNUSED) {
                Iterator<String> first = unused.iterator();
                oldest = first.next();
                first.remove();
            }
        }
        if (oldest != null) {
            dropIfUnusedFor(oldest, 0);
        }
    }

    /** Names that will never be used again. */
    public void deleted(Collection<String> names) {
        for (String name : names) {
            synchronized (unused) {
                unused.remove(name);
            }
            dropIfUnusedFor(name, 0);
        }
    }

    public Collection<Channel> all() {
        return byName.values();
    }

    /** How many consumers wait. */
    public int waiting() {
        return byName.values().stream()
                .mapToInt(channel -> channel.waiters().count())
                .sum();
    }

    @Nullable
    Channel known(String name) {
        return byName.get(name);
    }

    /** Forgets channels that have been without consumers for so long. */
    public void dropUnused(long nanos) {
        byName.keySet().forEach(name -> dropIfUnusedFor(name, nanos));
        synchronized (unused) {
            unused.retainAll(byName.keySet());
        }
    }

    private void dropIfUnusedFor(String name, long nanos) {
        byName.computeIfPresent(name, (n, channel) -> {
            if (!channel.unusedFor(nanos)) {
                return channel;
            }
            if (channel.isRegistered()) {
                stillRegistered.add(name);
            }
            return null;
        });
    }

    /** Where other processes think that somebody waits here, and nobody does any more. */
    public Set<String> stillRegistered() {
        return Set.copyOf(stillRegistered);
    }

    /** They do not think so any more. */
    public void unregistered(Collection<String> names) {
        stillRegistered.removeAll(names);
    }
}
