package io.sqlmq.jms;

import io.sqlmq.engine.StoredRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a queue, see {@link SqlmqAdmin#messages}.
 *
 * @param next for {@link MessageQuery#after}; null if this is the last page
 * @param searched how many messages were looked at
 */
public record MessagePage(
        List<StoredMessage> messages, @Nullable String next, long searched) {

    static MessagePage of(StoredRow.Page page) {
        return new MessagePage(page.rows().stream().map(StoredMessage::of).toList(), page.next(), page.read());
    }
}
