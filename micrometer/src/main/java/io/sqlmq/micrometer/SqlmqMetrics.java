package io.sqlmq.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.sqlmq.jms.FactoryState;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a connection factory: what it does in this process, whatever other processes do. docs/observing.md lists them. They
 * begin with {@link #bindTo}, which may come before or after the first connection, and end with {@link #close} or the factory.
 *
 * <pre>{@code
 * new SqlmqMetrics(factory).bindTo(registry);
 * }</pre>
 */
public final class SqlmqMetrics implements MeterBinder, AutoCloseable {
    private static final int MOST_DESTINATIONS = 100;
    private static final List<String> POOLS = List.of("sessions", "senders", "branches");

    private final SqlmqConnectionFactory factory;
    private final Tags tags;
    private final List<Recorder> recorders = new CopyOnWriteArrayList<>();
    private final List<QueueSizes> sizes = new CopyOnWriteArrayList<>();
    private int mostDestinations = MOST_DESTINATIONS;
    private @Nullable Duration queueSizes;
    private @Nullable ScheduledExecutorService watch;
    private boolean closed;

    /** The metrics of a factory. */
    public SqlmqMetrics(SqlmqConnectionFactory factory) {
        this(factory, Tags.empty());
    }

    /**
     * The metrics of one of several factories.
     *
     * @param tags what all of its metrics have, to tell them from those of others
     */
    public SqlmqMetrics(SqlmqConnectionFactory factory, Iterable<Tag> tags) {
        this.factory = factory;
        this.tags = Tags.of(tags);
    }

    /**
     * How many destinations have metrics of their own, the first ones that something happens at: 100, unless set before {@link #bindTo}.
     * All that come later are called {@code other} together, temporary queues and topics {@code temporary}.
     */
    public SqlmqMetrics maxDestinations(int most) {
        mostDestinations = most;
        return this;
    }

    /**
     * Lets the database be asked how large queues are, by one statement in each interval: its work is bounded, but it is work, so that it
     * is off unless set before {@link #bindTo}, and best asked of one process. The first queues by name are shown, as many as there may be
     * destinations.
     *
     * @param interval how often; a minute does
     * @throws IllegalArgumentException if it is less than a second
     */
    public SqlmqMetrics queueSizes(Duration interval) {
        if (interval.toMillis() < 1_000) {
            throw new IllegalArgumentException("The sizes of queues cannot be measured every " + interval
                    + ": an interval of a second or more is needed");
        }
        queueSizes = interval;
        return this;
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        if (closed) {
            return;
        }
        Meters meters = new Meters(registry, tags);
        gauge(meters, SqlmqMeter.OUTAGE, state -> state.outage() ? 1 : 0);
        gauge(meters, SqlmqMeter.WAITING, FactoryState::waitingConsumers);
        gauge(meters, SqlmqMeter.WINDOWS, FactoryState::openWindows);
        gauge(meters, SqlmqMeter.LEASES, FactoryState::leases);
        for (String pool : POOLS) {
            pools(meters, SqlmqMeter.POOL_ACTIVE, pool, FactoryState.Pool::active);
            pools(meters, SqlmqMeter.POOL_IDLE, pool, FactoryState.Pool::idle);
            pools(meters, SqlmqMeter.POOL_PENDING, pool, FactoryState.Pool::pending);
            pools(meters, SqlmqMeter.POOL_MAX, pool, FactoryState.Pool::max);
        }
        Recorder recorder = new Recorder(meters, new DestinationTags(mostDestinations));
        recorders.add(recorder);
        factory.addListener(recorder);
        Duration interval = queueSizes;
        if (interval != null) {
            sizes.add(new QueueSizes(factory, mostDestinations, meters));
            watch(interval);
        }
    }

    private void gauge(Meters meters, SqlmqMeter meter, ToIntFunction<FactoryState> value) {
        meters.gauge(meter, factory, f -> value.applyAsInt(f.state()));
    }

    /** Those of all roles together. */
    private void pools(Meters meters, SqlmqMeter meter, String pool, ToIntFunction<FactoryState.Pool> value) {
        meters.gauge(
                meter,
                factory,
                f -> f.state().pools().stream()
                        .filter(p -> p.name().endsWith("-" + pool))
                        .mapToInt(value)
                        .sum(),
                SqlmqMeter.Names.POOL_TAG,
                pool);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a look throws nothing
    private void watch(Duration interval) {
        if (watch != null) {
            return;
        }
        ScheduledExecutorService started = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "sqlmq-metrics");
            thread.setDaemon(true);
            return thread;
        });
        started.scheduleWithFixedDelay(this::look, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        watch = started;
    }

    private void look() {
        if (factory.isClosed()) {
            close();
        } else {
            sizes.forEach(QueueSizes::look);
        }
    }

    /** Ends the metrics: what was counted stays. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
        recorders.forEach(factory::removeListener);
        recorders.clear();
        if (watch != null) {
            watch.shutdownNow();
            watch = null;
        }
    }
}
