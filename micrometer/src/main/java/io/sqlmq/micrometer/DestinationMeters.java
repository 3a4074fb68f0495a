package io.sqlmq.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;

/** The meters of one destination in one registry. */
record DestinationMeters(
        Counter sent,
        Counter delivered,
        Counter redelivered,
        Counter acknowledged,
        Counter rolledBack,
        Counter deadLettered,
        Counter setAside,
        Counter expired,
        Timer processed,
        Timer failed,
        Timer waited) {

    static DestinationMeters of(Meters meters, String destination) {
        return new DestinationMeters(
                meters.counter(SqlmqMeter.SENT, destination),
                meters.counter(SqlmqMeter.DELIVERED, destination),
                meters.counter(SqlmqMeter.REDELIVERED, destination),
                meters.counter(SqlmqMeter.ACKNOWLEDGED, destination),
                meters.counter(SqlmqMeter.ROLLED_BACK, destination),
                meters.counter(SqlmqMeter.DEAD_LETTERED, destination),
                meters.counter(SqlmqMeter.SET_ASIDE, destination),
                meters.counter(SqlmqMeter.EXPIRED, destination),
                meters.timer(SqlmqMeter.PROCESSING, destination, SqlmqMeter.Names.OUTCOME_TAG, "acknowledged"),
                meters.timer(SqlmqMeter.PROCESSING, destination, SqlmqMeter.Names.OUTCOME_TAG, "rolled back"),
                meters.timer(SqlmqMeter.WAIT, destination));
    }
}
