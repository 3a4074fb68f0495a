package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Deduplication;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Drops messages whose identifier another message has. All are written, between a statement that gives the
 * identifiers to those that come first and one that deletes the others again: so the usual statements write them, and
 * what duplicates cost is paid by duplicates. Stateless.
 */
public final class Deduplicating {

    private static final int SWEEP = 1_000;

    /** Longer than anybody asks what became of a transaction. */
    private static final long LONG_MILLIS = 60_000;

    private final String reserve;
    private final String dropDuplicates;
    private final String sweep;
    private final String given;
    private final String holder;

    public Deduplicating(String schema) {
        reserve = "SELECT " + schema + ".mq_reserve_ids(?, ?, ?, ?)";
        dropDuplicates = "SELECT " + schema + ".mq_drop_duplicates(?, ?, ?, ?, ?, ?)";
        sweep = "SELECT " + schema + ".mq_sweep_dedup(?)";
        given = "SELECT count(*) FROM unnest(?::text[], ?::text[], ?::uuid[]) AS p (channel, dedup_id, message) JOIN "
                + schema
                + ".mq_dedup d ON d.channel_name = p.channel AND d.dedup_id = p.dedup_id AND d.message_id = p.message";
        holder =
                "SELECT p.message, d.message_id FROM unnest(?::text[], ?::text[], ?::uuid[]) AS p (channel, dedup_id, message) JOIN "
                        + schema + ".mq_dedup d ON d.channel_name = p.channel AND d.dedup_id = p.dedup_id";
    }

    /** A message and a row that is written for it. */
    record Row(NewMessage row, NewMessage message) {}

    /** Adds the statement that comes before the rows are written. */
    void addReserve(Pipeline pipeline, List<NewMessage> messages) {
        List<Deduplication> ids =
                messages.stream().map(NewMessage::deduplication).toList();
        pipeline.query(
                reserve,
                p -> p.texts(column(ids, Deduplication::channel, String[]::new))
                        .texts(column(ids, Deduplication::id, String[]::new))
                        .uuids(column(messages, NewMessage::id, UUID[]::new))
                        .bigints(column(ids, Deduplication::window, Long[]::new)),
                rows -> {});
    }

    /**
     * Adds the statement that comes after.
     *
     * @param duplicates filled with the ids of dropped messages when the pipeline has run
     */
    void addDrop(Pipeline pipeline, List<NewMessage> messages, List<Row> written, Set<UUID> duplicates) {
        List<Deduplication> ids =
                messages.stream().map(NewMessage::deduplication).toList();
        pipeline.query(
                dropDuplicates,
                p -> p.texts(column(ids, Deduplication::channel, String[]::new))
                        .texts(column(ids, Deduplication::id, String[]::new))
                        .uuids(column(messages, NewMessage::id, UUID[]::new))
                        .uuids(column(written, w -> w.row().id(), UUID[]::new))
                        .texts(column(written, w -> w.row().channel(), String[]::new))
                        .uuids(column(written, w -> w.message().id(), UUID[]::new)),
                rows -> {
                    while (rows.next()) {
                        duplicates.add(rows.getObject(1, UUID.class));
                    }
                });
    }

    /** Whether it can be seen long after these were written that they were. */
    public boolean leaveTrace(List<NewMessage> written) {
        return !written.isEmpty()
                && written.stream()
                        .map(m -> m.publication() == null ? m.deduplication() : null)
                        .allMatch(d -> d != null && d.window() > LONG_MILLIS);
    }

    /** Whether any of these was given its identifier, by a transaction that is committed. */
    public boolean haveTrace(Database database, List<NewMessage> written) throws SQLException {
        List<Deduplication> ids =
                written.stream().map(NewMessage::deduplication).toList();
        boolean[] any = new boolean[1];
        database.run(new Pipeline()
                .query(
                        given,
                        p -> p.texts(column(ids, Deduplication::channel, String[]::new))
                                .texts(column(ids, Deduplication::id, String[]::new))
                                .uuids(column(written, NewMessage::id, UUID[]::new)),
                        rows -> any[0] = rows.next() && rows.getLong(1) > 0));
        return any[0];
    }

    /** Which messages have the identifiers of these, once they are sent; those without are themselves. */
    public List<UUID> holders(Database database, @Nullable Connection connection, List<NewMessage> messages)
            throws SQLException {
        List<NewMessage> identified =
                messages.stream().filter(m -> m.deduplication() != null).toList();
        Map<UUID, UUID> holders = new HashMap<>();
        if (!identified.isEmpty()) {
            List<Deduplication> ids =
                    identified.stream().map(NewMessage::deduplication).toList();
            Pipeline pipeline = new Pipeline()
                    .query(
                            holder,
                            p -> p.texts(column(ids, Deduplication::channel, String[]::new))
                                    .texts(column(ids, Deduplication::id, String[]::new))
                                    .uuids(column(identified, NewMessage::id, UUID[]::new)),
                            rows -> {
                                while (rows.next()) {
                                    holders.put(rows.getObject(1, UUID.class), rows.getObject(2, UUID.class));
                                }
                            });
            if (connection == null) {
                database.run(pipeline);
            } else {
                pipeline.run(connection);
            }
        }
        return messages.stream()
                .map(message -> holders.getOrDefault(message.id(), message.id()))
                .toList();
    }

    private static <S, T> T[] column(List<S> rows, Function<S, T> value, IntFunction<T[]> array) {
        List<T> column = new ArrayList<>(rows.size());
        rows.forEach(row -> column.add(value.apply(row)));
        return column.toArray(array);
    }

    /** Forgets identifiers whose time is over. */
    public void sweep(HousekeepingConnection housekeeping) throws SQLException {
        int[] swept = new int[1];
        do {
            housekeeping.run(new Pipeline().query(sweep, p -> p.integer(SWEEP), rows -> {
                rows.next();
                swept[0] = rows.getInt(1);
            }));
        } while (swept[0] >= SWEEP);
    }
}
