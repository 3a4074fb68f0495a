package io.sqlmq.engine;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.send.GroupCommit;
import io.sqlmq.engine.topic.DestinationRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Moves, holds back and changes messages of queues, for operators. Thread-safe; each call is committed. */
public final class QueueAdministration {

    private static final int BATCH = 1_000;
    private static final Instant FAR = Instant.parse("+10000-01-01T00:00:00Z");

    private final Database database;
    private final Statements sql;
    private final GroupCommit sends;
    private final DestinationRegistry destinations;
    private final Schedules schedules;
    private final Wakeups wakeups;
    private final String schema;
    private final QueueInspection inspection;
    private final SelectedMessages selected;

    QueueAdministration(
            Database database,
            Statements sql,
            GroupCommit sends,
            DestinationRegistry destinations,
            Schedules schedules,
            Wakeups wakeups,
            QueueInspection inspection) {
        this.database = database;
        this.sql = sql;
        this.sends = sends;
        this.destinations = destinations;
        this.schedules = schedules;
        this.wakeups = wakeups;
        this.schema = sql.schema();
        this.inspection = inspection;
        this.selected = new SelectedMessages(database, inspection.pages(), wakeups, schema);
    }

    /** What is declared. */
    public DestinationRegistry destinations() {
        return destinations;
    }

    /** Deletes all messages of the channel but those that a consumer holds; returns how many. */
    public long purge(String channel) throws SQLException {
        return selected.remove(channel, MessagePages.Filter.ALL);
    }

    /** Deletes one message unless a consumer holds it; returns whether it was there. */
    public boolean remove(String channel, UUID id) throws SQLException {
        Pipeline pipeline = new Pipeline();
        boolean[] missing = new boolean[1];
        pipeline.query(
                sql.ackIds,
                p -> p.texts(new String[] {channel})
                        .uuids(new UUID[] {id})
                        .integer(0)
                        .bigints(new Long[1]),
                rows -> missing[0] = rows.next());
        database.run(pipeline);
        return !missing[0];
    }

    /** Moves all messages of a channel to the end of another but those that a consumer holds; returns how many. */
    public long move(String from, String to) throws SQLException {
        return Batches.count(batches -> {
            for (boolean unlogged : new boolean[] {false, true}) {
                String sql = """
                        SELECT count(*) FILTER (WHERE %1$s.mq_move(s.id, ?, %3$s, ?, NULL, NULL, NULL)) FROM (
                          SELECT m.id FROM %1$s.%2$s m WHERE m.channel_name = ? AND m.lease_owner IS NULL
                           ORDER BY m.prio_rank, m.seq LIMIT ? FOR UPDATE SKIP LOCKED) s""".formatted(schema, unlogged ? "mq_msgs_unlogged" : "mq_msgs", unlogged);
                long batch;
                do {
                    batches.next();
                    batch = batches.add(database.number(
                            sql, p -> p.text(from).text(to).text(from).integer(BATCH)));
                    if (batch > 0) {
                        wakeups.announce(to, 0, (int) batch);
                    }
                } while (batch == BATCH);
            }
        });
    }

    /** As {@link #move(String, String)}, of what the filter finds. */
    public long move(String from, String to, MessagePages.Filter filter) throws SQLException {
        return selected.move(from, to, filter);
    }

    /** Moves one message unless a consumer holds it; returns whether it was there. */
    public boolean move(String from, String to, UUID id) throws SQLException {
        return selected.move(from, to, id);
    }

    /** Deletes what the filter finds, unless a consumer holds it; returns how many. */
    public long remove(String channel, MessagePages.Filter filter) throws SQLException {
        return selected.remove(channel, filter);
    }

    /** Puts dead letters that the filter finds back to where they came from; returns how many. */
    public long retryMatching(String channel, MessagePages.Filter filter) throws SQLException {
        return selected.retry(channel, filter);
    }

    /** Copies messages of a channel, null for all, to the end of another, as new messages; returns how many. */
    public long copy(String from, String to, @Nullable Selection selection) throws SQLException {
        return Batches.count(batches -> {
            Delivery.Row after = null;
            while (true) {
                batches.next();
                List<Delivery.Row> page = inspection.browse(from, selection, after, BATCH);
                if (page.isEmpty()) {
                    return;
                }
                sends.send(page.stream().map(row -> copyOf(row, to)).toList());
                batches.add(page.size());
                after = page.get(page.size() - 1);
            }
        });
    }

    private static NewMessage copyOf(Delivery.Row row, String to) {
        Headers headers = row.headers();
        return new NewMessage(
                com.fasterxml.uuid.Generators.timeBasedEpochGenerator().generate(),
                to,
                row.persistent(),
                row.priority(),
                row.sentAt(),
                0,
                0,
                row.expiration() == 0 ? 0 : Math.max(1, row.expiration() - System.currentTimeMillis()),
                row.expiration(),
                new Headers(
                        null,
                        null,
                        headers.replyTo(),
                        headers.correlationId(),
                        headers.type(),
                        headers.redeliveryPolicy(),
                        headers.deliveryMode(),
                        headers.group()),
                row.content());
    }

    /**
     * Puts dead letters back to where they came from.
     *
     * @param channel the dead-letter channel
     * @param id one message, or null for all
     * @return how many
     */
    public long retry(String channel, @Nullable UUID id) throws SQLException {
        String sql = """
                SELECT s.dead_origin, %1$s.mq_move(s.id, ?, false, s.dead_origin, NULL, NULL, NULL) FROM (
                  SELECT m.id, m.dead_origin FROM %1$s.mq_msgs m
                   WHERE m.channel_name = ? AND m.dead_origin IS NOT NULL AND m.lease_owner IS NULL
                     AND (?::uuid IS NULL OR m.id = ?::uuid)
                   ORDER BY m.prio_rank, m.seq LIMIT ? FOR UPDATE SKIP LOCKED) s""".formatted(schema);
        return Batches.count(batches -> {
            List<String> origins = new ArrayList<>();
            do {
                batches.next();
                origins.clear();
                Pipeline pipeline = new Pipeline();
                pipeline.query(
                        sql,
                        p -> p.text(channel).text(channel).uuid(id).uuid(id).integer(BATCH),
                        rows -> {
                            while (rows.next()) {
                                origins.add(rows.getString(1));
                            }
                        });
                database.run(pipeline);
                batches.add(origins.size());
                origins.stream().distinct().forEach(origin -> wakeups.announce(origin, 0, BATCH));
            } while (origins.size() == BATCH);
        });
    }

    /** Makes what is set aside in a channel ready again; id null for all of it. Returns how many. */
    public long retrySetAside(String channel, @Nullable UUID id) throws SQLException {
        long retried = database.number(
                "SELECT " + schema + ".mq_retry_set_aside(?, ?::uuid)",
                p -> p.text(channel).uuid(id));
        if (retried > 0) {
            wakeups.announce(channel, 0, (int) Math.min(retried, BATCH));
        }
        return retried;
    }

    /** Deletes what is set aside in a channel; returns how many. */
    public long removeSetAside(String channel) throws SQLException {
        String delete = "WITH gone AS (DELETE FROM " + schema
                + ".%s WHERE channel_name = ? AND set_aside IS NOT NULL RETURNING 1) SELECT count(*) FROM gone";
        return database.number(delete.formatted("mq_msgs"), p -> p.text(channel))
                + database.number(delete.formatted("mq_msgs_unlogged"), p -> p.text(channel));
    }

    /** Stops deliveries from a channel, in all processes; returns whether it was not paused yet. */
    public boolean pause(String channel, @Nullable String reason) throws SQLException {
        boolean changed = truth(
                "SELECT " + schema + ".mq_pause(?, ?)", p -> p.text(channel).text(reason));
        wakeups.lookForRestrictions();
        return changed;
    }

    /** Lets them go on; returns whether it was paused. */
    public boolean resume(String channel) throws SQLException {
        boolean changed = truth("SELECT " + schema + ".mq_resume(?)", p -> p.text(channel));
        wakeups.lookForRestrictions();
        return changed;
    }

    /** Limits what is delivered from a channel, in all processes. */
    public void limit(QueueInspection.Limited limit) throws SQLException {
        Integer running = limit.running();
        Integer starts = limit.starts();
        Duration period = limit.period();
        database.run(new Pipeline()
                .query(
                        "SELECT " + schema
                                + ".mq_limit(?, ?::bigint::integer, ?::bigint::integer, ? * interval '1 ms')",
                        p -> p.text(limit.channel())
                                .bigintOrNull(running == null ? null : running.longValue())
                                .bigintOrNull(starts == null ? null : starts.longValue())
                                .bigintOrNull(period == null ? null : period.toMillis()),
                        rows -> {}));
        wakeups.lookForRestrictions();
    }

    /** Ends the limits of a channel; returns whether it had any. */
    public boolean unlimit(String channel) throws SQLException {
        boolean changed = truth("SELECT " + schema + ".mq_unlimit(?)", p -> p.text(channel));
        wakeups.lookForRestrictions();
        return changed;
    }

    /**
     * Deletes a message that waits. It and the following tell what the function {@code mq_cancel} does.
     *
     * @param connection in whose transaction, or null: at once
     * @param channel null: whatever it is in
     */
    public String cancel(@Nullable Connection connection, UUID id, @Nullable String channel) throws SQLException {
        return change(connection, "mq_cancel(?::uuid, ?)", p -> p.uuid(id).text(channel));
    }

    /** As {@link #cancel}: has it delivered at that time, or now. */
    public String reschedule(@Nullable Connection connection, UUID id, Instant at, @Nullable String channel)
            throws SQLException {
        return change(
                connection,
                "mq_reschedule(?::uuid, 'epoch'::timestamptz + ?::float8 * interval '1 millisecond', ?)",
                p -> p.uuid(id).bigint(millis(at)).text(channel));
    }

    /** Of those that PostgreSQL knows, and says what is wrong with. */
    private static long millis(Instant at) {
        return at.isBefore(Instant.EPOCH) ? 0 : at.isAfter(FAR) ? FAR.toEpochMilli() : at.toEpochMilli();
    }

    /** As {@link #cancel}: gives it another priority, 0 to 9. */
    public String reprioritize(@Nullable Connection connection, UUID id, int priority, @Nullable String channel)
            throws SQLException {
        return change(
                connection,
                "mq_reprioritize(?::uuid, ?, ?)",
                p -> p.uuid(id).integer(priority).text(channel));
    }

    private String change(@Nullable Connection connection, String function, Pipeline.Binder binder)
            throws SQLException {
        String[] result = new String[1];
        Pipeline pipeline = new Pipeline().query("SELECT " + schema + "." + function, binder, rows -> {
            rows.next();
            result[0] = rows.getString(1);
        });
        if (connection == null) {
            database.run(pipeline);
        } else {
            pipeline.run(connection);
        }
        return result[0];
    }

    private boolean truth(String sql, Pipeline.Binder binder) throws SQLException {
        boolean[] truth = new boolean[1];
        database.run(new Pipeline().query(sql, binder, rows -> {
            rows.next();
            truth[0] = rows.getBoolean(1);
        }));
        return truth[0];
    }

    /** See {@link Schedules#remove}. */
    public boolean removeSchedule(UUID id) throws SQLException {
        return schedules.remove(id);
    }
}
