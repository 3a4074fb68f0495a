package io.sqlmq.engine.send;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.engine.model.Publication;
import io.sqlmq.engine.model.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A published message as it is written by one list of subscriptions: a row for each that wants it, and its body on its
 * own where several rows of one table share it.
 *
 * @param logged rows for mq_msgs
 * @param unlogged rows for mq_msgs_unlogged
 * @param loggedBody the body is in mq_payloads, under the message's id
 * @param unloggedBody the body is in mq_payloads_unlogged, under the message's id
 */
record FanOut(
        NewMessage message,
        Topics.Versions versions,
        List<NewMessage> logged,
        List<NewMessage> unlogged,
        boolean loggedBody,
        boolean unloggedBody) {

    /** Bodies up to about this size are cheaper in each row than on their own. */
    private static final int SHARED_BYTES = 2_048;

    /** PERSISTENT, as a header value. */
    private static final int PERSISTENT = 2;

    private static final NoArgGenerator IDS = Generators.timeBasedEpochGenerator();

    static FanOut of(NewMessage message, Publication publication, Topics.Known topic) {
        List<Subscription> wanting =
                topic.subscriptions().stream().filter(publication.wanted()).toList();
        long loggedCount = wanting.stream().filter(s -> isLogged(message, s)).count();
        boolean numbered = wanting.size() < Publication.MOST_COPIES;
        boolean large = numbered && bodySize(message.content()) > SHARED_BYTES;
        boolean loggedBody = large && loggedCount > 1;
        boolean unloggedBody = large && wanting.size() - loggedCount > 1;
        List<NewMessage> logged = new ArrayList<>();
        List<NewMessage> unlogged = new ArrayList<>();
        for (Subscription subscription : wanting) {
            boolean persistent = isLogged(message, subscription);
            UUID id = numbered ? Publication.copyId(message.id(), logged.size() + unlogged.size()) : IDS.generate();
            NewMessage copy = copy(message, id, subscription, persistent, persistent ? loggedBody : unloggedBody);
            (persistent ? logged : unlogged).add(copy);
        }
        return new FanOut(message, topic.versions(), logged, unlogged, loggedBody, unloggedBody);
    }

    /** Messages of non-durable subscriptions need not survive a crash; but order within a group is kept in one table only. */
    private static boolean isLogged(NewMessage message, Subscription subscription) {
        return message.persistent()
                && (subscription.durable() || message.headers().group() != null);
    }

    private static NewMessage copy(
            NewMessage message, UUID id, Subscription subscription, boolean persistent, boolean withoutBody) {
        Headers headers = message.headers();
        Content content = message.content();
        return new NewMessage(
                id,
                subscription.channel(),
                persistent,
                message.priority(),
                message.sentAt(),
                message.delay(),
                message.deliveryTime(),
                message.timeToLive(),
                message.expiration(),
                new Headers(
                        messageId(message, id, withoutBody),
                        subscription.toQueue() ? null : headers.destination(),
                        headers.replyTo(),
                        headers.correlationId(),
                        headers.type(),
                        headers.redeliveryPolicy(),
                        message.persistent() && !persistent ? PERSISTENT : headers.deliveryMode(),
                        headers.group()),
                withoutBody
                        ? new Content(content.bodyType(), null, null, content.properties(), content.propertyTypes())
                        : content);
    }

    /** The JMSMessageID, where neither the shared body's id nor the row's tells it. */
    private static @Nullable UUID messageId(NewMessage message, UUID rowId, boolean told) {
        UUID own = message.headers().messageId();
        return own != null || told || rowId.equals(message.id()) ? own : message.id();
    }

    private static int bodySize(Content content) {
        String text = content.text();
        byte[] bytes = content.bytes();
        return (text == null ? 0 : text.length()) + (bytes == null ? 0 : bytes.length);
    }

    int count() {
        return logged.size() + unlogged.size();
    }

    /** Roughly how many bytes travel. */
    long size() {
        long size = loggedBody || unloggedBody ? bodySize(message.content()) : 0;
        for (NewMessage row : logged) {
            size += row.content().size();
        }
        for (NewMessage row : unlogged) {
            size += row.content().size();
        }
        return size;
    }
}
