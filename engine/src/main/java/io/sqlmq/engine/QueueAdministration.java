package io.sqlmq.engine;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.Rows;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Fetched;
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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Looks at queues and moves their messages about, for browsers and operators. Thread-safe; each call is committed. */
public final class QueueAdministration {

    private static final int BATCH = 1_000;

    /** A page of one table and index: ready rows, then those of the wait index that are due or back off. */
    private static final String PAGE = """
            (SELECT %3$s AS unlogged, %4$s FROM %1$s.%2$s m
              WHERE m.channel_name = ? AND m.attempt_at IS NULL AND m.slot IS %6$s
                AND (m.expires_at IS NULL OR m.expires_at > statement_timestamp())
                AND (m.prio_rank, m.seq) > (?::smallint, ?) AND (%5$s)
              ORDER BY m.prio_rank, m.seq LIMIT ?)
            UNION ALL
            (SELECT %3$s AS unlogged, %4$s FROM %1$s.%2$s m
              WHERE m.channel_name = ? AND m.attempt_at IS NOT NULL AND m.slot IS %6$s
                AND (m.attempt_at <= statement_timestamp() OR m.delivery_count > 0)
                AND (m.expires_at IS NULL OR m.expires_at > statement_timestamp())
                AND (m.prio_rank, m.seq) > (?::smallint, ?) AND (%5$s)
              ORDER BY m.prio_rank, m.seq LIMIT ?)""";

    private final Database database;
    private final Statements sql;
    private final GroupCommit sends;
    private final DestinationRegistry destinations;
    private final Schedules schedules;
    private final Wakeups wakeups;
    private final String schema;
    private final MessagePages pages;
    private final SelectedMessages selected;

    QueueAdministration(
            Database database,
            Statements sql,
            GroupCommit sends,
            DestinationRegistry destinations,
            Schedules schedules,
            Wakeups wakeups) {
        this.database = database;
        this.sql = sql;
        this.sends = sends;
        this.destinations = destinations;
        this.schedules = schedules;
        this.wakeups = wakeups;
        this.schema = sql.schema();
        this.pages = new MessagePages(database, sql);
        this.selected = new SelectedMessages(database, pages, wakeups, schema);
    }

    /** Messages of a queue in pages. */
    public MessagePages pages() {
        return pages;
    }

    /** For selections of what {@link #browse} and {@link #copy} see. */
    public Selection.Columns columns() {
        return sql.selectionColumns();
    }

    /** For selections of {@link MessagePages.Filter}: in the view that they read, bodies that several messages share are there. */
    public Selection.Columns rowColumns() {
        Selection.Columns c = sql.selectionColumns();
        return new Selection.Columns(
                c.properties(),
                c.propertyTypes(),
                c.persistent(),
                c.priority(),
                c.messageId(),
                c.sentAt(),
                c.correlationId(),
                c.type(),
                schema + ".mq_try_json(m.payload_text)");
    }

    /** See {@link Engine#browse}. What is too large to be fetched is left out. */
    public List<Delivery.Row> browse(
            String channel, @Nullable Selection selection, Delivery.@Nullable Row after, int limit)
            throws SQLException {
        List<Delivery.Row> fit = new ArrayList<>();
        Delivery.Row last = after;
        boolean more = true;
        while (more && fit.size() < limit) {
            int wanted = limit - fit.size();
            List<Delivery> page = page(channel, selection, last, wanted);
            page.stream().filter(d -> !d.large).forEach(d -> fit.add(d.row()));
            more = page.size() == wanted;
            last = page.isEmpty() ? last : page.get(page.size() - 1).row();
        }
        return fit;
    }

    private List<Delivery> page(String channel, @Nullable Selection selection, Delivery.@Nullable Row after, int limit)
            throws SQLException {
        int rank = after == null ? -1 : 9 - after.priority();
        long seq = after == null ? 0 : after.seq();
        String predicate = selection == null ? "true" : selection.predicate();
        List<Object> parameters = selection == null ? List.of() : selection.parameters();
        String columns = Rows.browseColumns(schema, sql.most());
        String found = "(SELECT * FROM (" + PAGE.formatted(schema, "mq_msgs", "false", columns, predicate, "NULL")
                + " UNION ALL " + PAGE.formatted(schema, "mq_msgs", "false", columns, predicate, "NOT NULL")
                + " UNION ALL " + PAGE.formatted(schema, "mq_msgs_unlogged", "true", columns, predicate, "NULL")
                + ") page ORDER BY prio_rank, seq LIMIT ?) c";
        String sql = "SELECT " + Fetched.columns("c.suspect") + " FROM " + Fetched.from(schema, this.sql.most(), found)
                + " ORDER BY c.prio_rank, c.seq";
        List<Delivery> page = new ArrayList<>();
        Pipeline pipeline = new Pipeline();
        pipeline.query(
                sql,
                p -> {
                    for (int range = 0; range < 6; range++) {
                        p.text(channel)
                                .integer(rank)
                                .bigint(seq)
                                .values(parameters)
                                .integer(limit);
                    }
                    p.integer(limit);
                },
                rows -> {
                    while (rows.next()) {
                        page.add(Rows.delivery(rows, channel));
                    }
                });
        database.run(pipeline);
        return page;
    }

    /** What is declared. */
    public DestinationRegistry destinations() {
        return destinations;
    }

    /** How many messages the channel holds, in every state. */
    public long count(String channel) throws SQLException {
        return number("""
                SELECT (SELECT count(*) FROM %1$s.mq_msgs WHERE channel_name = ?)
                     + (SELECT count(*) FROM %1$s.mq_msgs_unlogged WHERE channel_name = ?)""".formatted(schema), p -> p.text(channel).text(channel));
    }

    /**
     * How large a queue is.
     *
     * @param oldest for how long the first of those that can be received has been there; null if there is none
     */
    public record Size(
            String channel, long messages, @Nullable Duration oldest) {}

    /** How large the first queues are by name, counting no further than {@code limit} in each. */
    public List<Size> sizes(int queues, long limit) throws SQLException {
        List<Size> sizes = new ArrayList<>();
        database.run(new Pipeline()
                .query(
                        "SELECT queue, messages, oldest_age FROM " + schema + ".mq_queue_sizes(?, ?)",
                        p -> p.integer(queues).bigint(limit),
                        rows -> {
                            while (rows.next()) {
                                double age = rows.getDouble(3);
                                sizes.add(new Size(
                                        rows.getString(1),
                                        rows.getLong(2),
                                        rows.wasNull() ? null : Duration.ofMillis((long) (age * 1000))));
                            }
                        }));
        return sizes;
    }

    /** Deletes all messages of the channel but those that a consumer holds; returns how many. */
    public long purge(String channel) throws SQLException {
        String delete = """
                (WITH gone AS (DELETE FROM %1$s.%2$s WHERE channel_name = ? COLLATE pg_catalog."POSIX" AND ctid = ANY (ARRAY(
                   SELECT ctid FROM %1$s.%2$s WHERE channel_name = ? AND lease_owner IS NULL FOR UPDATE SKIP LOCKED))
                 RETURNING 1) SELECT count(*) FROM gone)""";
        return number(delete.formatted(schema, "mq_msgs"), p -> p.text(channel).text(channel))
                + number(
                        delete.formatted(schema, "mq_msgs_unlogged"),
                        p -> p.text(channel).text(channel));
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
        long moved = 0;
        for (boolean unlogged : new boolean[] {false, true}) {
            String sql = """
                    SELECT count(*) FILTER (WHERE %1$s.mq_move(s.id, ?, %3$s, ?, NULL, NULL, NULL)) FROM (
                      SELECT m.id FROM %1$s.%2$s m WHERE m.channel_name = ? AND m.lease_owner IS NULL
                       ORDER BY m.prio_rank, m.seq LIMIT ? FOR UPDATE SKIP LOCKED) s""".formatted(schema, unlogged ? "mq_msgs_unlogged" : "mq_msgs", unlogged);
            long batch;
            do {
                batch = number(sql, p -> p.text(from).text(to).text(from).integer(BATCH));
                moved += batch;
            } while (batch == BATCH);
        }
        if (moved > 0) {
            wakeups.announce(to, 0, (int) Math.min(moved, Integer.MAX_VALUE));
        }
        return moved;
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
        long copied = 0;
        Delivery.Row after = null;
        while (true) {
            List<Delivery.Row> page = browse(from, selection, after, BATCH);
            if (page.isEmpty()) {
                return copied;
            }
            sends.send(page.stream().map(row -> copyOf(row, to)).toList());
            copied += page.size();
            after = page.get(page.size() - 1);
        }
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
        long retried = 0;
        List<String> origins = new ArrayList<>();
        do {
            origins.clear();
            Pipeline pipeline = new Pipeline();
            pipeline.query(
                    sql, p -> p.text(channel).text(channel).uuid(id).uuid(id).integer(BATCH), rows -> {
                        while (rows.next()) {
                            origins.add(rows.getString(1));
                        }
                    });
            database.run(pipeline);
            retried += origins.size();
            origins.stream().distinct().forEach(origin -> wakeups.announce(origin, 0, BATCH));
        } while (origins.size() == BATCH);
        return retried;
    }

    /**
     * What a queue holds, by the states of its messages.
     *
     * @param oldest when the message was sent that has been there for longest; null if no message tells
     */
    public record Depth(
            String channel,
            long ready,
            long delayed,
            long backingOff,
            long leased,
            long setAside,
            long total,
            @Nullable Instant oldest) {}

    /** The queues that hold messages, by name. Counts each message. */
    public List<Depth> depths() throws SQLException {
        List<Depth> depths = new ArrayList<>();
        Pipeline pipeline = new Pipeline();
        pipeline.query(
                "SELECT q.queue, q.ready, q.delayed, q.backing_off, q.leased, q.set_aside, q.total, q.oldest FROM "
                        + schema + ".mq_queues q ORDER BY q.queue",
                p -> {},
                rows -> {
                    while (rows.next()) {
                        depths.add(new Depth(
                                rows.getString(1),
                                rows.getLong(2),
                                rows.getLong(3),
                                rows.getLong(4),
                                rows.getLong(5),
                                rows.getLong(6),
                                rows.getLong(7),
                                instant(rows, 8)));
                    }
                });
        database.run(pipeline);
        return depths;
    }

    /**
     * A message in a dead-letter queue.
     *
     * @param channel the dead-letter queue
     * @param origin the queue that it comes from
     * @param reason why it is dead
     * @param error why its last delivery failed, or null
     */
    public record Dead(
            String channel,
            UUID id,
            String origin,
            String reason,
            int attempts,
            @Nullable Instant deadAt,
            @Nullable String error) {}

    /** What is in dead-letter queues, or one of them, the latest first. */
    public List<Dead> deadLetters(@Nullable String channel, int limit) throws SQLException {
        List<Dead> letters = new ArrayList<>();
        Pipeline pipeline = new Pipeline();
        pipeline.query(
                "SELECT d.queue, d.id, d.origin, d.reason, d.attempts, d.dead_at, d.error FROM " + schema
                        + ".mq_dead_letters d WHERE ?::text IS NULL OR d.queue = ? ORDER BY d.dead_at DESC, d.id LIMIT ?",
                p -> p.text(channel).text(channel).integer(limit),
                rows -> {
                    while (rows.next()) {
                        letters.add(new Dead(
                                rows.getString(1),
                                rows.getObject(2, UUID.class),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getInt(5),
                                instant(rows, 6),
                                rows.getString(7)));
                    }
                });
        database.run(pipeline);
        return letters;
    }

    private static @Nullable Instant instant(ResultSet rows, int column) throws SQLException {
        OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /**
     * A message that is set aside.
     *
     * @param reason why it can be neither delivered nor parked
     * @param error why its last delivery failed, or null
     */
    public record SetAside(
            String channel,
            UUID id,
            boolean persistent,
            String reason,
            int deliveryCount,
            int failureCount,
            @Nullable String error) {}

    /** What is set aside in a channel, null for all of them; by channel and age. */
    public List<SetAside> setAside(@Nullable String channel, int limit) throws SQLException {
        List<SetAside> messages = new ArrayList<>();
        Pipeline pipeline = new Pipeline();
        pipeline.query(
                "SELECT s.queue, s.id, s.persistent, s.reason, s.delivery_count, s.failure_count, s.error FROM "
                        + schema
                        + ".mq_set_aside s WHERE ?::text IS NULL OR s.queue = ? ORDER BY s.queue, s.seq LIMIT ?",
                p -> p.text(channel).text(channel).integer(limit),
                rows -> {
                    while (rows.next()) {
                        messages.add(new SetAside(
                                rows.getString(1),
                                rows.getObject(2, UUID.class),
                                rows.getBoolean(3),
                                rows.getString(4),
                                rows.getInt(5),
                                rows.getInt(6),
                                rows.getString(7)));
                    }
                });
        database.run(pipeline);
        return messages;
    }

    /** How many messages are set aside in a channel, null for all of them. */
    public long countSetAside(@Nullable String channel) throws SQLException {
        return number(
                "SELECT count(*) FROM " + schema + ".mq_set_aside s WHERE ?::text IS NULL OR s.queue = ?",
                p -> p.text(channel).text(channel));
    }

    /** Makes what is set aside in a channel ready again; id null for all of it. Returns how many. */
    public long retrySetAside(String channel, @Nullable UUID id) throws SQLException {
        long retried = number(
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
        return number(delete.formatted("mq_msgs"), p -> p.text(channel))
                + number(delete.formatted("mq_msgs_unlogged"), p -> p.text(channel));
    }

    /**
     * A delivery that failed.
     *
     * @param number from 1
     * @param duration how long it was worked on, or null
     * @param error why it failed, or null
     */
    public record Attempt(
            int number,
            String channel,
            Instant failedAt,
            @Nullable Duration duration,
            @Nullable String error) {}

    /** The last deliveries of a message that failed, the oldest first. */
    public List<Attempt> attempts(UUID id) throws SQLException {
        List<Attempt> attempts = new ArrayList<>();
        String sql =
                "SELECT attempt, channel_name, failed_at, (extract(epoch FROM duration) * 1000::numeric)::bigint, error FROM "
                        + schema + ".mq_attempts WHERE message_id = ?::uuid ORDER BY failed_at";
        database.run(new Pipeline().query(sql, p -> p.uuid(id), rows -> {
            while (rows.next()) {
                Long millis = rows.getObject(4, Long.class);
                attempts.add(new Attempt(
                        rows.getInt(1),
                        rows.getString(2),
                        rows.getTimestamp(3).toInstant(),
                        millis == null ? null : Duration.ofMillis(millis),
                        rows.getString(5)));
            }
        }));
        return attempts;
    }

    /**
     * A channel that is paused.
     *
     * @param reason what was said when it was paused last, or null
     */
    public record Paused(
            String channel,
            Instant since,
            String by,
            @Nullable String reason) {}

    /** Which channels are paused, by name. */
    public List<Paused> paused() throws SQLException {
        List<Paused> channels = new ArrayList<>();
        database.run(new Pipeline()
                .query(
                        "SELECT channel_name, paused_at, paused_by, reason FROM " + schema
                                + ".mq_paused ORDER BY channel_name",
                        p -> {},
                        rows -> {
                            while (rows.next()) {
                                channels.add(new Paused(
                                        rows.getString(1),
                                        rows.getTimestamp(2).toInstant(),
                                        rows.getString(3),
                                        rows.getString(4)));
                            }
                        }));
        return channels;
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

    /**
     * How much of a channel is delivered.
     *
     * @param running at the same time, or null
     * @param starts deliveries that begin within any {@code period}, or null
     * @param period null if {@code starts} is
     */
    public record Limited(
            String channel,
            @Nullable Integer running,
            @Nullable Integer starts,
            @Nullable Duration period) {}

    /** Which channels are limited, by name. */
    public List<Limited> limited() throws SQLException {
        List<Limited> channels = new ArrayList<>();
        database.run(new Pipeline()
                .query(
                        "SELECT channel_name, running, starts, (extract(epoch FROM period) * 1000000)::bigint FROM "
                                + schema + ".mq_limits ORDER BY channel_name",
                        p -> {},
                        rows -> {
                            while (rows.next()) {
                                Long micros = rows.getObject(4, Long.class);
                                channels.add(new Limited(
                                        rows.getString(1),
                                        rows.getObject(2, Integer.class),
                                        rows.getObject(3, Integer.class),
                                        micros == null ? null : Duration.of(micros, ChronoUnit.MICROS)));
                            }
                        }));
        return channels;
    }

    /** Limits what is delivered from a channel, in all processes. */
    public void limit(Limited limit) throws SQLException {
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
                p -> p.uuid(id).bigint(at.toEpochMilli()).text(channel));
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

    /** See {@link Schedules#list}. */
    public List<Schedules.Entry> schedules() throws SQLException {
        return schedules.list();
    }

    /** See {@link Schedules#remove}. */
    public boolean removeSchedule(UUID id) throws SQLException {
        return schedules.remove(id);
    }

    private long number(String sql, Pipeline.Binder binder) throws SQLException {
        long[] number = new long[1];
        Pipeline pipeline = new Pipeline();
        pipeline.query(sql, binder, rows -> {
            rows.next();
            number[0] = rows.getLong(1);
        });
        database.run(pipeline);
        return number[0];
    }
}
