package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.SubscriptionRefusedException;
import io.sqlmq.engine.model.SubscriptionRequest;
import io.sqlmq.engine.topic.Subscriptions.Membership;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.message.HeaderText;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Calls of the engine's subscriptions, with its refusals told as the exceptions of the specification (§8.3). */
final class SubscriptionCalls {
    private SubscriptionCalls() {}

    static String checkedName(@Nullable String name) throws JMSException {
        if (name == null || name.isBlank()) {
            throw new JMSException("The name of the subscription is null or empty. Give it one.", "SUBSCRIPTION");
        }
        if (!HeaderText.isStorable(name)) {
            throw new JMSException(
                    "The name of the subscription contains a NUL character or half of a surrogate pair, which PostgreSQL"
                            + " cannot hold.",
                    "SUBSCRIPTION");
        }
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > ClientIdentity.LONGEST) {
            throw new JMSException(
                    "The name of the subscription has " + bytes + " bytes in UTF-8; at most " + ClientIdentity.LONGEST
                            + " are possible.",
                    "SUBSCRIPTION");
        }
        return name;
    }

    static Membership subscribe(Engine engine, SubscriptionRequest request, SqlmqConnection connection)
            throws JMSException {
        String what = "Subscribing to " + topic(request);
        try {
            return engine.subscriptions().subscribe(request, () -> connection.report(lost(request)));
        } catch (SubscriptionRefusedException e) {
            throw refused(what, request.name(), e);
        } catch (SQLException e) {
            throw JmsErrors.from(what, e);
        }
    }

    private static String topic(SubscriptionRequest request) {
        return "topic://" + (request.pattern() == null ? request.topic() : request.pattern());
    }

    private static JMSException lost(SubscriptionRequest request) {
        return new JMSException(
                "The consumer of " + topic(request) + " has lost its subscription"
                        + (request.name() == null ? "" : " '" + request.name() + "'")
                        + ", because this process did not show the database in time that it lives. Create it again.",
                "SUBSCRIPTION_LOST");
    }

    static void unsubscribe(Engine engine, @Nullable String name, String clientId) throws JMSException {
        if (name == null || name.isBlank() || !HeaderText.isStorable(name)) {
            throw unknown(String.valueOf(name));
        }
        try {
            engine.subscriptions().unsubscribe(name, clientId);
        } catch (SubscriptionRefusedException e) {
            throw refused("Unsubscribing", name, e);
        } catch (SQLException e) {
            throw JmsErrors.from("Unsubscribing", e);
        }
    }

    private static JMSException refused(String what, @Nullable String name, SubscriptionRefusedException refusal) {
        JMSException told = switch (refusal.reason()) {
            case ACTIVE ->
                new IllegalStateException(
                        what + ": the subscription '" + name + "' has a consumer. Close that first.",
                        "SUBSCRIPTION_ACTIVE");
            case SHARING ->
                new JMSException(
                        what + ": '" + name + "' is the name of a subscription that is "
                                + "shared where this is not, or the other way round. Choose another name.",
                        "SUBSCRIPTION_SHARING");
            case DIFFERS ->
                new JMSException(
                        what + ": the subscription '" + name
                                + "' has consumers and is for another topic or selector. Use the same ones, or"
                                + " close those consumers first.",
                        "SUBSCRIPTION_DIFFERS");
            case UNKNOWN -> unknown(String.valueOf(name));
        };
        told.initCause(refusal);
        told.setLinkedException(refusal);
        return told;
    }

    private static InvalidDestinationException unknown(String name) {
        return new InvalidDestinationException(
                "There is no durable subscription '" + name + "' for the connection's client identifier.",
                "SUBSCRIPTION");
    }
}
