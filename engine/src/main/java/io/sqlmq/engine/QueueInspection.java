package io.sqlmq.engine;

import io.sqlmq.engine.claim.Rows;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Fetched;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.engine.schedule.Schedules;
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

/** Looks at queues and changes nothing, for browsers, operators and metrics. Thread-safe. */
public final class QueueInspection {

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
    private final Schedules schedules;
    private final String schema;
    private final MessagePages pages;

    QueueInspection(Database database, Statements sql, Schedules schedules) {
        this.database = database;
        this.sql = sql;
        this.schedules = schedules;
        this.schema = sql.schema();
        this.pages = new MessagePages(database, sql);
    }

    /** Messages of a queue in pages. */
    public MessagePages pages() {
        return pages;
    }

    /** For selections of what {@link #browse} and {@link QueueAdministration#copy} see. */
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

    /** How many messages the channel holds, in every state. */
    public long count(String channel) throws SQLException {
        return database.number("""
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
        return database.number(
                "SELECT count(*) FROM " + schema + ".mq_set_aside s WHERE ?::text IS NULL OR s.queue = ?",
                p -> p.text(channel).text(channel));
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

    /** See {@link Schedules#list}. */
    public List<Schedules.Entry> schedules() throws SQLException {
        return schedules.list();
    }
}
