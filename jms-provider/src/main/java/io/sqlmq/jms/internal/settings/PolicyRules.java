package io.sqlmq.jms.internal.settings;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.TemporaryNames;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqDestination;
import io.sqlmq.jms.SqlmqOptions;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rules for one queue by its redelivery policy; a message's own policy overrides parts of it. */
public final class PolicyRules implements FailureRules {
    private static final Logger log = LoggerFactory.getLogger(PolicyRules.class);

    /** More failed deliveries than these nobody wants of a message that cannot be read. */
    private static final int MANY_FAILURES = 100;

    /** Of a character in UTF-8. */
    private static final int MOST_BYTES = 4;

    private final RedeliveryPolicy policy;
    private final String deadLetterQueue;
    private final boolean parksExpired;
    private final boolean isDeadLetterQueue;

    public PolicyRules(String queue, SqlmqOptions options) {
        this.policy = options.getRedeliveryPolicy(queue);
        String prefix = options.getDeadLetterQueuePrefix();
        this.deadLetterQueue = deadLetterQueueOf(queue, options);
        // A dead letter that fails again stays where it is.
        this.isDeadLetterQueue = prefix == null ? queue.equals(deadLetterQueue) : queue.startsWith(prefix);
        this.parksExpired = options.isDeadLetterExpired();
    }

    static String deadLetterQueueOf(String queue, SqlmqOptions options) {
        String prefix = options.getDeadLetterQueuePrefix();
        return prefix == null ? options.getDeadLetterQueue() : prefixed(prefix, TemporaryNames.forDeadLetters(queue));
    }

    /** A name with something before it; only its beginning where the whole would be too long. So does mq_prefixed. */
    private static String prefixed(String prefix, String name) {
        String whole = prefix + name;
        if (whole.getBytes(StandardCharsets.UTF_8).length <= SqlmqDestination.MAX_NAME_BYTES) {
            return whole;
        }
        int characters =
                (SqlmqDestination.MAX_NAME_BYTES - prefix.getBytes(StandardCharsets.UTF_8).length) / MOST_BYTES;
        return prefix + name.substring(0, name.offsetByCodePoints(0, characters));
    }

    private PolicyRules(PolicyRules other, RedeliveryPolicy policy) {
        this.policy = policy;
        this.deadLetterQueue = other.deadLetterQueue;
        this.parksExpired = other.parksExpired;
        this.isDeadLetterQueue = other.isDeadLetterQueue;
    }

    /**
     * These rules with differences, see {@link RedeliveryPolicy#with}.
     *
     * @throws IllegalArgumentException if they contradict the policy
     */
    public PolicyRules with(String differences) {
        return differences.isEmpty() ? this : new PolicyRules(this, policy.with(differences));
    }

    /** Whether the queue is one for dead letters. */
    public boolean isDeadLetterQueue() {
        return isDeadLetterQueue;
    }

    @Override
    public Verdict afterFailure(Delivery.Row message) {
        RedeliveryPolicy own = policyOf(message);
        int failures = message.failureCount() + 1;
        if (own.isExhausted(failures) && !isDeadLetterQueue) {
            return Verdict.deadLetter(deadLetterQueue, "delivery failed " + failures + " times");
        }
        return Verdict.retry(own.delayMillis(failures));
    }

    @Override
    public boolean retriesForEver(Delivery.Row message) {
        return isDeadLetterQueue || !policyOf(message).isExhausted(message.failureCount() + MANY_FAILURES);
    }

    @Override
    public @Nullable String whenExpired(Delivery.Row message) {
        return parksExpired && !isDeadLetterQueue ? deadLetterQueue : null;
    }

    /** Also from a dead-letter queue, into the same: the dead letter shares no body any more, and so is handed over. */
    @Override
    public String whenBodyIsMissing(Delivery.Row message) {
        return deadLetterQueue;
    }

    @Override
    public boolean blocksWhileBackingOff() {
        return !policy.nonBlockingRedelivery();
    }

    @Override
    public boolean groupsWaitForRedelivery() {
        return policy.groupsWaitForRedelivery();
    }

    private RedeliveryPolicy policyOf(Delivery.Row message) {
        String text = message.headers().redeliveryPolicy();
        if (text == null) {
            return policy;
        }
        try {
            return policy.with(text);
        } catch (IllegalArgumentException e) {
            log.warn("Message {} has an unusable redelivery policy; the queue's applies", message.id(), e);
            return policy;
        }
    }
}
