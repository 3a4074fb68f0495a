package io.sqlmq.jms.internal.mapping;

import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Subscription;
import io.sqlmq.message.MessageCodec;
import java.util.Set;
import java.util.function.Predicate;

/** Which subscriptions get one published message: noLocal and selectors (§4.2.1, §8.3). */
public final class SelectorMatcher implements Predicate<Subscription> {
    private final Set<String> senders;
    private final SubscriptionSelectors selectors;
    private final PublishedMessage message;

    /**
     * The audience of a message.
     *
     * @param senders what noLocal subscriptions may call the message's sender
     */
    public SelectorMatcher(
            Set<String> senders, SubscriptionSelectors selectors, MessageCodec codec, NewMessage message) {
        this.senders = senders;
        this.selectors = selectors;
        this.message = new PublishedMessage(codec, message);
    }

    @Override
    public boolean test(Subscription subscription) {
        if (subscription.noLocal() != null && senders.contains(subscription.noLocal())) {
            return false;
        }
        String selector = subscription.selector();
        return selector == null || selectors.matches(subscription, selector, message);
    }
}
