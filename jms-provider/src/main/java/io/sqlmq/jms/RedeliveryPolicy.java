package io.sqlmq.jms;

import io.sqlmq.engine.model.Millis;
import java.time.Duration;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When a message whose delivery failed is delivered again, and how often. Names and meaning as in ActiveMQ, defaults and
 * ranges as in docs/configuration.md. Immutable.
 *
 * <p>As text, for the message property {@value #PROPERTY}: {@code maximumRedeliveries=2&redeliveryDelay=500}.
 */
public final class RedeliveryPolicy {
    /** The message property that gives one message a policy of its own, as text. */
    public static final String PROPERTY = "JMS_SQLMQ_REDELIVERY";

    /** At once, then after 1 s, 2 s, 4 s and so on up to 5 min; 6 redeliveries. */
    public static final RedeliveryPolicy DEFAULT = builder().build();

    private static final List<SqlmqOption> ROWS = SqlmqOption.of(SqlmqOption.Group.REDELIVERY);

    private final OptionValues values;

    private RedeliveryPolicy(OptionValues values) {
        this.values = values;
    }

    /** A builder that starts from the defaults. */
    public static Builder builder() {
        return new Builder(new OptionValues());
    }

    /** A builder that starts from this policy. */
    public Builder toBuilder() {
        return new Builder(values.copy());
    }

    /**
     * Reads {@code name=value&name=value…}; what is not named has its default.
     *
     * @throws IllegalArgumentException with the nearest name or the range, if a name or value is not possible
     */
    public static RedeliveryPolicy parse(String text) {
        return DEFAULT.with(text, SqlmqOption::parse);
    }

    /**
     * This policy with the values that {@code text} names, in the form of {@link #parse}. What is too large counts as the largest that is
     * possible: jobs that SQL has written can say more.
     */
    public RedeliveryPolicy with(String text) {
        return with(text, SqlmqOption::parseCut);
    }

    private RedeliveryPolicy with(String text, BiFunction<SqlmqOption, String, Object> reading) {
        Builder builder = toBuilder();
        builder.values.readPairs("redelivery policy", text, ROWS, reading);
        return builder.build();
    }

    /** All values as text that {@link #parse} reads. */
    public String format() {
        StringJoiner text = new StringJoiner("&");
        ROWS.forEach(row -> text.add(row.optionName() + "=" + values.text(row)));
        return text.toString();
    }

    /** As {@link #delayMillis(int, DoubleSupplier)} with the JVM's random numbers. */
    public long delayMillis(int failures) {
        return delayMillis(failures, () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * The delay before the next delivery.
     *
     * @param failures how many deliveries have failed, this one counted; at least 1
     * @param random numbers from 0 (inclusive) to 1 (exclusive), asked only for collision avoidance
     * @return milliseconds
     */
    public long delayMillis(int failures, DoubleSupplier random) {
        if (failures < 1) {
            throw new IllegalArgumentException("There is no delay after " + failures + " failures");
        }
        long delay = failures == 1 ? initialRedeliveryDelay() : laterDelay(failures - 2);
        if (!useCollisionAvoidance()) {
            return delay;
        }
        double deviation = (random.getAsDouble() * 2 - 1) * collisionAvoidanceFactor();
        return Math.max(0, Math.round(delay * (1 + deviation)));
    }

    private long laterDelay(int doublings) {
        if (!useExponentialBackOff()) {
            return redeliveryDelay();
        }
        double delay = redeliveryDelay() * Math.min(Math.pow(backOffMultiplier(), doublings), Double.MAX_VALUE);
        return delay < maximumRedeliveryDelay() ? Math.round(delay) : maximumRedeliveryDelay();
    }

    /**
     * Whether a message is to be given up.
     *
     * @param failures how many deliveries have failed, this one counted
     */
    public boolean isExhausted(int failures) {
        return maximumRedeliveries() >= 0 && failures > maximumRedeliveries();
    }

    /** Milliseconds before the first redelivery. */
    public long initialRedeliveryDelay() {
        return values.get(SqlmqOption.INITIAL_REDELIVERY_DELAY, Long.class);
    }

    /** Milliseconds before the second redelivery. */
    public long redeliveryDelay() {
        return values.get(SqlmqOption.REDELIVERY_DELAY, Long.class);
    }

    /** Whether delays grow. */
    public boolean useExponentialBackOff() {
        return values.get(SqlmqOption.USE_EXPONENTIAL_BACK_OFF, Boolean.class);
    }

    /** The factor by which delays grow. */
    public double backOffMultiplier() {
        return values.get(SqlmqOption.BACK_OFF_MULTIPLIER, Double.class);
    }

    /** Milliseconds that growing delays do not exceed; collision avoidance may add to it. */
    public long maximumRedeliveryDelay() {
        return values.get(SqlmqOption.MAXIMUM_REDELIVERY_DELAY, Long.class);
    }

    /** How often a message is redelivered before it becomes a dead letter; -1 for ever. */
    public int maximumRedeliveries() {
        return values.get(SqlmqOption.MAXIMUM_REDELIVERIES, Integer.class);
    }

    /** Whether delays vary at random. */
    public boolean useCollisionAvoidance() {
        return values.get(SqlmqOption.USE_COLLISION_AVOIDANCE, Boolean.class);
    }

    /** The part of a delay by which it varies up or down. */
    public double collisionAvoidanceFactor() {
        return values.get(SqlmqOption.COLLISION_AVOIDANCE_FACTOR, Double.class);
    }

    /** Whether other messages flow while one waits. */
    public boolean nonBlockingRedelivery() {
        return values.get(SqlmqOption.NON_BLOCKING_REDELIVERY, Boolean.class);
    }

    /** Whether the later messages of a group (JMSXGroupID) wait while one waits for its redelivery. */
    public boolean groupsWaitForRedelivery() {
        return values.get(SqlmqOption.GROUPS_WAIT_FOR_REDELIVERY, Boolean.class);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RedeliveryPolicy that && that.format().equals(format());
    }

    @Override
    public int hashCode() {
        return format().hashCode();
    }

    /** As {@link #format()}. */
    @Override
    public String toString() {
        return format();
    }

    /** One value, by its row of the table. */
    Object value(SqlmqOption row) {
        return values.get(row, Object.class);
    }

    /** Refuses values that contradict each other. */
    static void validate(OptionValues values) {
        long longest = values.get(SqlmqOption.MAXIMUM_REDELIVERY_DELAY, Long.class);
        long first = values.get(SqlmqOption.REDELIVERY_DELAY, Long.class);
        if (values.get(SqlmqOption.USE_EXPONENTIAL_BACK_OFF, Boolean.class) && first > longest) {
            throw new IllegalArgumentException("redeliveryDelay=" + first + " is longer than maximumRedeliveryDelay="
                    + longest + "; raise maximumRedeliveryDelay, or set useExponentialBackOff=false");
        }
    }

    /** Collects the values of a policy. Each setter throws IllegalArgumentException for a value out of range. */
    public static final class Builder {
        private final OptionValues values;

        private Builder(OptionValues values) {
            this.values = values;
        }

        /** Milliseconds before the first redelivery. */
        public Builder initialRedeliveryDelay(long millis) {
            return set(SqlmqOption.INITIAL_REDELIVERY_DELAY, millis);
        }

        /** As {@link #initialRedeliveryDelay(long)}. */
        public Builder initialRedeliveryDelay(Duration delay) {
            return initialRedeliveryDelay(Millis.of(delay));
        }

        /** Milliseconds before the second redelivery. */
        public Builder redeliveryDelay(long millis) {
            return set(SqlmqOption.REDELIVERY_DELAY, millis);
        }

        /** As {@link #redeliveryDelay(long)}. */
        public Builder redeliveryDelay(Duration delay) {
            return redeliveryDelay(Millis.of(delay));
        }

        /** Whether delays grow. */
        public Builder useExponentialBackOff(boolean use) {
            return set(SqlmqOption.USE_EXPONENTIAL_BACK_OFF, use);
        }

        /** The factor by which delays grow, at least 1. */
        public Builder backOffMultiplier(double factor) {
            return set(SqlmqOption.BACK_OFF_MULTIPLIER, factor);
        }

        /** Milliseconds that growing delays do not exceed. */
        public Builder maximumRedeliveryDelay(long millis) {
            return set(SqlmqOption.MAXIMUM_REDELIVERY_DELAY, millis);
        }

        /** As {@link #maximumRedeliveryDelay(long)}. */
        public Builder maximumRedeliveryDelay(Duration delay) {
            return maximumRedeliveryDelay(Millis.of(delay));
        }

        /** How often a message is redelivered before it becomes a dead letter; -1 for ever. */
        public Builder maximumRedeliveries(int times) {
            return set(SqlmqOption.MAXIMUM_REDELIVERIES, times);
        }

        /** Whether delays vary at random. */
        public Builder useCollisionAvoidance(boolean use) {
            return set(SqlmqOption.USE_COLLISION_AVOIDANCE, use);
        }

        /** The part of a delay by which it varies up or down, from 0 to 1. */
        public Builder collisionAvoidanceFactor(double part) {
            return set(SqlmqOption.COLLISION_AVOIDANCE_FACTOR, part);
        }

        /** Whether other messages flow while one waits. */
        public Builder nonBlockingRedelivery(boolean nonBlocking) {
            return set(SqlmqOption.NON_BLOCKING_REDELIVERY, nonBlocking);
        }

        /** Whether the later messages of a group (JMSXGroupID) wait while one waits for its redelivery. */
        public Builder groupsWaitForRedelivery(boolean wait) {
            return set(SqlmqOption.GROUPS_WAIT_FOR_REDELIVERY, wait);
        }

        /** Sets a value by name and text. */
        public Builder set(String name, String value) {
            SqlmqOption row = SqlmqOption.named(name, ROWS);
            return set(row, row.parse(value));
        }

        private Builder set(SqlmqOption row, Object value) {
            values.set(row, value);
            return this;
        }

        /**
         * The policy.
         *
         * @throws IllegalArgumentException if values contradict each other
         */
        public RedeliveryPolicy build() {
            validate(values);
            return new RedeliveryPolicy(values.copy());
        }
    }

    /** The policy among the values of a factory. */
    static RedeliveryPolicy of(OptionValues all) {
        Builder builder = builder();
        ROWS.forEach(row -> builder.set(row, all.get(row, Object.class)));
        return builder.build();
    }
}
