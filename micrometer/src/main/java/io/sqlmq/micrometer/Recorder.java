package io.sqlmq.micrometer;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.sqlmq.engine.model.EngineListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Records what an engine does in one registry. Thread-safe. */
final class Recorder implements EngineListener {
    private final Meters meters;
    private final DestinationTags names;
    private final Map<String, DestinationMeters> byDestination = new ConcurrentHashMap<>();
    private final Timer wakeUps;
    private final DistributionSummary groups;
    private final Timer outages;

    Recorder(Meters meters, DestinationTags names) {
        this.meters = meters;
        this.names = names;
        this.wakeUps = meters.timer(SqlmqMeter.WAKEUP);
        this.groups = meters.summary(SqlmqMeter.SEND_GROUP);
        this.outages = meters.timer(SqlmqMeter.OUTAGES);
    }

    private DestinationMeters of(@Nullable String destination) {
        String name = names.of(destination);
        DestinationMeters known = byDestination.get(name);
        return known != null ? known : byDestination.computeIfAbsent(name, n -> DestinationMeters.of(meters, n));
    }

    @Override
    public void sent(String destination, int messages) {
        of(destination).sent().increment(messages);
    }

    @Override
    public void delivered(String destination, boolean redelivered, long waitedMillis) {
        DestinationMeters of = of(destination);
        of.delivered().increment();
        if (redelivered) {
            of.redelivered().increment();
        } else if (waitedMillis >= 0) {
            of.waited().record(waitedMillis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void acknowledged(String destination, long workedNanos) {
        DestinationMeters of = of(destination);
        of.acknowledged().increment();
        if (workedNanos >= 0) {
            of.processed().record(workedNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void rolledBack(String destination, long workedNanos) {
        DestinationMeters of = of(destination);
        of.rolledBack().increment();
        if (workedNanos >= 0) {
            of.failed().record(workedNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void deadLettered(String destination) {
        of(destination).deadLettered().increment();
    }

    @Override
    public void setAside(String destination) {
        of(destination).setAside().increment();
    }

    @Override
    public void expired(@Nullable String destination, int messages) {
        of(destination).expired().increment(messages);
    }

    @Override
    public void wokenUp(String destination, long nanos) {
        wakeUps.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void flushed(int messages) {
        groups.record(messages);
    }

    @Override
    public void outageEnded(long nanos) {
        outages.record(nanos, TimeUnit.NANOSECONDS);
    }
}
