package io.sqlmq.jms.internal;

import io.sqlmq.engine.Delivery;
import io.sqlmq.engine.FailureRules;
import io.sqlmq.jms.RedeliveryPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Failure rules by a redelivery policy; a message's own policy goes before it.
 *
 * @param policy the policy of the queue
 * @param deadLetterQueue where messages go that failed too often
 */
public record RedeliveryRules(RedeliveryPolicy policy, String deadLetterQueue) implements FailureRules {

    @Override
    public Verdict afterFailure(Delivery.Row message) {
        RedeliveryPolicy effective = effective(message.headers().redeliveryPolicy());
        int failures = message.failureCount() + 1;
        if (!effective.isExhausted(failures)) {
            return Verdict.retry(effective.delayMillis(failures));
        }
        return Verdict.deadLetter(deadLetterQueue, "Failed " + failures + " times");
    }

    private RedeliveryPolicy effective(@Nullable String own) {
        if (own == null) {
            return policy;
        }
        try {
            return policy.with(own);
        } catch (IllegalArgumentException e) {
            // Checked when it was sent by us; written in SQL it may be anything, and must not stop the queue.
            return policy;
        }
    }
}
