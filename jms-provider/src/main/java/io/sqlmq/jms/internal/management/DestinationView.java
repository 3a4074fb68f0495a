package io.sqlmq.jms.internal.management;

/** The MBean of a topic, and what that of a queue has like it. Its methods are public for the MBean server. */
class DestinationView implements DestinationViewMBean {
    private final String name;
    private final Counts counts;

    DestinationView(String name, Counts counts) {
        this.name = name;
        this.counts = counts;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public long getEnqueueCount() {
        return counts.sent.sum();
    }

    @Override
    public long getDispatchCount() {
        return counts.delivered.sum();
    }

    @Override
    public long getDequeueCount() {
        return counts.acknowledged.sum();
    }

    @Override
    public long getInFlightCount() {
        return Math.max(0, counts.inFlight.sum());
    }

    @Override
    public long getRolledBackCount() {
        return counts.rolledBack.sum();
    }

    @Override
    public long getDeadLetterCount() {
        return counts.deadLettered.sum();
    }

    @Override
    public long getExpiredCount() {
        return counts.expired.sum();
    }

    @Override
    public double getAverageEnqueueTime() {
        return counts.averageMillis();
    }

    @Override
    public long getMaxEnqueueTime() {
        return counts.longestMillis.get();
    }

    @Override
    public void resetStatistics() {
        counts.reset();
    }
}
