package io.sqlmq.jms.internal.factory;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.MessagePages;
import io.sqlmq.engine.QueueAdministration;
import io.sqlmq.engine.QueueInspection;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.jms.internal.destination.Destinations;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.errors.Right;
import io.sqlmq.jms.internal.mapping.Inbound;
import io.sqlmq.jms.internal.mapping.Selectors;
import io.sqlmq.jms.internal.settings.ConnectionSettings;
import io.sqlmq.message.MessageCodec;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The administration's calls into the engine, in terms of Jakarta Messaging. Thread-safe. */
public final class AdminCalls {
    private static final int PAGE = 200;

    private final QueueAdministration admin;
    private final QueueInspection inspection;
    private final Inbound inbound;

    public AdminCalls(Engine engine, ConnectionSettings settings) {
        this.admin = engine.administration();
        this.inspection = engine.inspection();
        this.inbound = new Inbound(new MessageCodec(settings.trustedClasses()));
    }

    /** A call that changes something. */
    @FunctionalInterface
    public interface Call<T extends @Nullable Object> {
        T of(QueueAdministration admin) throws SQLException;
    }

    /** Makes a call; an SQLException becomes a JMSException whose text begins with {@code what}. */
    public <T extends @Nullable Object> T call(String what, Call<T> call) throws JMSException {
        return ExceptionTranslation.call(Right.ADMINISTER, what, () -> call.of(admin));
    }

    /** A call that only looks. */
    @FunctionalInterface
    public interface Look<T extends @Nullable Object> {
        T at(QueueInspection inspection) throws SQLException;
    }

    /** As {@link #call}. */
    public <T extends @Nullable Object> T look(String what, Look<T> look) throws JMSException {
        return ExceptionTranslation.call(Right.ADMINISTER, what, () -> look.at(inspection));
    }

    /** The first messages of a queue. */
    public List<Message> browse(String queue, int limit) throws JMSException {
        List<Message> messages = new ArrayList<>();
        Delivery.Row last = null;
        while (messages.size() < limit) {
            Delivery.Row after = last;
            int page = Math.min(PAGE, limit - messages.size());
            List<Delivery.Row> rows =
                    look("Browsing " + queue, inspection -> inspection.browse(queue, null, after, page));
            for (Delivery.Row row : rows) {
                Message message = inbound.messageIfReadable(row);
                if (message != null) {
                    messages.add(message);
                }
            }
            if (rows.size() < page) {
                break;
            }
            last = rows.get(rows.size() - 1);
        }
        return messages;
    }

    /** What a selector, a text or both find; null or blank ones find all. */
    public MessagePages.Filter filter(@Nullable String selector, @Nullable String text) throws JMSException {
        return new MessagePages.Filter(
                Selectors.parse(selector, inspection.rowColumns()),
                text == null || text.isBlank() ? null : text,
                false);
    }

    /** What a browser with that selector selects; null for all. */
    public @Nullable Selection selection(@Nullable String selector) throws JMSException {
        return Selectors.parse(selector, inspection.columns());
    }

    /** The row of a JMSMessageID. */
    public static UUID rowId(String messageId) throws JMSException {
        try {
            return UUID.fromString(messageId.startsWith("ID:") ? messageId.substring(3) : messageId);
        } catch (IllegalArgumentException e) {
            throw new JMSException("Not the JMSMessageID of a stored message: " + messageId, "MESSAGE_ID", e);
        }
    }

    /** Refuses what no destination can be called. */
    public static void checkDestination(String name) throws InvalidDestinationException {
        Destinations.checked(() -> Destinations.queue(name));
    }

    /** Refuses what no queue can be called. One without a name has the jobs of sqlxmq that name no channel; it is no destination. */
    public static void checkName(String name) throws InvalidDestinationException {
        if (!name.isEmpty()) {
            checkDestination(name);
        }
    }

    /** As {@link #checkName}, where null stands for all. */
    public static void checkNameIfAny(@Nullable String name) throws InvalidDestinationException {
        if (name != null) {
            checkName(name);
        }
    }

    /** Refuses to put messages where they are, or where none can be. */
    public static void checkTarget(String from, String to) throws InvalidDestinationException {
        checkName(from);
        checkDestination(to);
        if (from.equals(to)) {
            throw new InvalidDestinationException("The messages are in queue " + to + " already.", "SAME_QUEUE");
        }
    }
}
