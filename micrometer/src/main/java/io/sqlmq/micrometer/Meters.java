package io.sqlmq.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

/** Makes meters in one registry, from the table of them. */
final class Meters {

    /** Few, since there is a series for each in each destination. An application's MeterFilter may say otherwise. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5),
        Duration.ofHours(1)
    };

    private final MeterRegistry registry;
    private final Tags tags;

    Meters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    Counter counter(SqlmqMeter meter, String destination) {
        return Counter.builder(meter.meterName())
                .description(meter.description())
                .tags(tags.and(SqlmqMeter.Names.DESTINATION_TAG, destination))
                .register(registry);
    }

    Timer timer(SqlmqMeter meter, String destination, String... more) {
        return timer(
                meter, tags.and(SqlmqMeter.Names.DESTINATION_TAG, destination).and(more));
    }

    Timer timer(SqlmqMeter meter) {
        return timer(meter, tags);
    }

    private Timer timer(SqlmqMeter meter, Tags all) {
        return Timer.builder(meter.meterName())
                .description(meter.description())
                .serviceLevelObjectives(BUCKETS)
                .tags(all)
                .register(registry);
    }

    DistributionSummary summary(SqlmqMeter meter) {
        return DistributionSummary.builder(meter.meterName())
                .description(meter.description())
                .baseUnit("messages")
                .tags(tags)
                .register(registry);
    }

    void gauge(
            SqlmqMeter meter,
            SqlmqConnectionFactory factory,
            ToDoubleFunction<SqlmqConnectionFactory> value,
            String... more) {
        Gauge.builder(meter.meterName(), factory, value)
                .description(meter.description())
                .tags(tags.and(more))
                .register(registry);
    }

    MultiGauge gauges(SqlmqMeter meter, String unit) {
        return MultiGauge.builder(meter.meterName())
                .description(meter.description())
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }
}
