package io.sqlmq.job;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.NewMessage.Headers;
import org.jspecify.annotations.Nullable;

/** The rules of a job whose checkpoint has given it more retries than its row had when it was read. */
record MoreRetries(FailureRules rules, String policy) implements FailureRules {

    private Delivery.Row now(Delivery.Row row) {
        Headers read = row.headers();
        Headers headers = new Headers(
                read.messageId(),
                read.destination(),
                read.replyTo(),
                read.correlationId(),
                read.type(),
                policy,
                read.deliveryMode(),
                read.group());
        return new Delivery.Row(
                row.id(),
                row.channel(),
                row.persistent(),
                row.priority(),
                row.seq(),
                row.sentAt(),
                row.deliveryTime(),
                row.expiration(),
                row.deliveryCount(),
                row.failureCount(),
                row.deadOrigin(),
                row.deadReason(),
                headers,
                row.content());
    }

    @Override
    public Verdict afterFailure(Delivery.Row message) {
        return rules.afterFailure(now(message));
    }

    @Override
    public @Nullable String whenExpired(Delivery.Row message) {
        return rules.whenExpired(message);
    }

    @Override
    public @Nullable String whenBodyIsMissing(Delivery.Row message) {
        return rules.whenBodyIsMissing(message);
    }

    @Override
    public boolean retriesForEver(Delivery.Row message) {
        return rules.retriesForEver(now(message));
    }

    @Override
    public boolean blocksWhileBackingOff() {
        return rules.blocksWhileBackingOff();
    }

    @Override
    public boolean groupsWaitForRedelivery() {
        return rules.groupsWaitForRedelivery();
    }
}
