package io.sqlmq.engine.model;

import org.jspecify.annotations.Nullable;

/** Decides what becomes of a message whose delivery failed. Pure; called on any thread. */
@FunctionalInterface
public interface FailureRules {

    /**
     * Says what is to become of a message.
     *
     * @param message the message; {@code failureCount} does not count the failure in question
     */
    Verdict afterFailure(Delivery.Row message);

    /** Retries for ever, at once. */
    FailureRules RETRY = message -> Verdict.retry(0);

    /** Where an expired message is parked; null drops it. */
    default @Nullable String whenExpired(Delivery.Row message) {
        return null;
    }

    /** Where a message is parked whose shared body is missing; null hands it over without a body. */
    default @Nullable String whenBodyIsMissing(Delivery.Row message) {
        return null;
    }

    /** Whether {@link #afterFailure} would deliver a message again and again, for ever or for a very long time. */
    default boolean retriesForEver(Delivery.Row message) {
        return true;
    }

    /** Whether other messages of the channel wait while one waits for its redelivery. */
    default boolean blocksWhileBackingOff() {
        return false;
    }

    /** Whether the later messages of a group wait while one waits for its redelivery. */
    default boolean groupsWaitForRedelivery() {
        return true;
    }

    /**
     * What becomes of a message.
     *
     * @param delayMillis milliseconds until it may be delivered again; ignored for dead letters
     * @param deadLetterChannel where it is parked, or null to deliver it again
     * @param deadLetterReason why, when parked
     */
    record Verdict(
            long delayMillis,
            @Nullable String deadLetterChannel,
            @Nullable String deadLetterReason) {
        /** Deliver again after {@code delayMillis}. */
        public static Verdict retry(long delayMillis) {
            return new Verdict(delayMillis, null, null);
        }

        /** Park in the given channel. */
        public static Verdict deadLetter(String channel, String reason) {
            return new Verdict(0, channel, reason);
        }
    }
}
