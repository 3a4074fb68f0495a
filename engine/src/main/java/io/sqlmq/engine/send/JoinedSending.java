package io.sqlmq.engine.send;

import io.sqlmq.engine.channel.Notifier;
import io.sqlmq.engine.channel.Notifier.Polled;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Silence;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.NewMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes messages in transactions that others end. Stateless. */
public final class JoinedSending {

    private final Statements sql;
    private final Silence silence;
    private final MessageWriter writer;
    private final boolean notify;
    private final EngineListeners listeners;

    /**
     * For transactions on connections that the engine did not open.
     *
     * @param notify whether the database is to wake other processes at the commit
     */
    public JoinedSending(
            Statements sql, Silence silence, MessageWriter writer, boolean notify, EngineListeners listeners) {
        this.sql = sql;
        this.silence = silence;
        this.writer = writer;
        this.notify = notify;
        this.listeners = listeners;
    }

    /**
     * Writes messages within the caller's transaction.
     *
     * @param writers the (sub)transactions that have written messages in this transaction; this call adds to them
     * @return the channels where the messages are, which are to be woken for when it has ended
     */
    public Set<String> send(Connection connection, List<NewMessage> messages, Set<String> writers) throws SQLException {
        silence.watchJoined(connection);
        List<NewMessage> written = writer.writeAll(connection, messages, writers);
        listeners.sent(written);
        if (notify && !written.isEmpty()) {
            Pipeline pipeline = new Pipeline();
            // Nobody knows how much of a delay is left at the commit: who hears of it looks.
            Map<String, Long> due = new HashMap<>();
            written.forEach(m -> due.merge(m.wakes(), m.delay() > 0 ? Notifier.LATER : 0L, Math::min));
            Set<String> jobs = written.stream()
                    .filter(m -> m.job() != null)
                    .map(NewMessage::wakes)
                    .collect(Collectors.toSet());
            pipeline.query(
                    sql.notifyAll, // who registers as waiting now does not see what is not committed
                    p -> p.texts(due.keySet().toArray(String[]::new))
                            .bigints(due.values().toArray(Long[]::new))
                            .texts(due.keySet().stream()
                                    .map(channel -> (jobs.contains(channel) ? Polled.YES : Polled.NO).name())
                                    .toArray(String[]::new))
                            .text(sql.topic),
                    rows -> {});
            pipeline.run(connection);
        }
        return written.stream().map(NewMessage::wakes).collect(Collectors.toSet());
    }
}
