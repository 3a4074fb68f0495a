package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Texts;
import io.sqlmq.engine.model.CronExpression;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.engine.model.Schedule;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The statements of schedules, for one schema. Stateless. */
public final class ScheduleStatements {

    /** What all messages of a schedule have in common. */
    private static final String MESSAGE = """
            cron, zone, delay, period, channel_name, topic, senders, persistent, prio_rank, timestamped, time_to_live,
            message_id, destination, reply_to, correlation_id, jms_type, redelivery_policy, delivery_mode, properties,
            property_types, body_type, payload_text, payload_bytes""";

    /** What a job has besides, among the properties: what is sent gets columns of it. */
    private static final String JOB_OF_PARAMETERS = """
            pg_catalog.jsonb_build_object('sqlmq.job', pg_catalog.jsonb_build_object(
              'arguments', ?::text, 'group', ?::text, 'backoff', ?::bigint, 'deliveries', ?::integer)
              || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('missed', ?::integer)))""";

    private static final long BATCH_BYTES = 8 << 20;

    public final String next;
    private final String insert;
    private final String put;
    private final String due;
    private final String advance;
    private final String startSeries;
    private final String delete;
    private final String fail;
    private final String list;
    private final String remove;

    public ScheduleStatements(String schema) {
        String table = schema + ".mq_schedules";
        next = "SELECT " + schema + ".mq_next_schedule(?)";
        insert = "INSERT INTO " + table + " AS s (id, next_at, repeats, " + MESSAGE + ") VALUES (?::uuid,"
                + " coalesce(pg_catalog.to_timestamp(?::float8 / 1000::float8), statement_timestamp() + ?::float8 * interval '1 millisecond'),"
                + " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::uuid, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?, ?)";
        // What has not changed is due when it was; it only gets its name, if an earlier version stored it.
        String changed = "(s.repeats, " + of("s") + ") IS DISTINCT FROM (excluded.repeats, " + of("excluded") + ")";
        put = insert.replace("(id, next_at", "(name, id, next_at")
                        .replace("VALUES (", "VALUES (?, ")
                        .replaceFirst("\\?::jsonb", JOB_OF_PARAMETERS)
                + " ON CONFLICT (id) DO UPDATE SET (name, next_at, last_error, repeats, " + MESSAGE
                + ") = (excluded.name, CASE WHEN " + changed
                + " THEN excluded.next_at ELSE s.next_at END, CASE WHEN NOT "
                + changed + " THEN s.last_error END, excluded.repeats, " + of("excluded") + ") WHERE s.name IS NULL OR "
                + changed;
        due = """
                SELECT d.server_now, d.due, (d.schedule).id, (d.schedule).cron, (d.schedule).zone, (d.schedule).delay,
                       (d.schedule).period, (d.schedule).repeats, (d.schedule).channel_name, (d.schedule).topic,
                       (d.schedule).senders, (d.schedule).persistent, (d.schedule).prio_rank, (d.schedule).timestamped,
                       (d.schedule).time_to_live, (d.schedule).message_id, (d.schedule).destination,
                       (d.schedule).reply_to, (d.schedule).correlation_id, (d.schedule).jms_type,
                       (d.schedule).redelivery_policy, (d.schedule).properties::text,
                       (d.schedule).property_types::text, (d.schedule).body_type, (d.schedule).payload_text,
                       (d.schedule).payload_bytes, (d.schedule).delivery_mode, %1$s.mq_group((d.schedule).properties),
                       j.job ->> 'arguments'::text, j.job ->> 'group'::text, (j.job ->> 'backoff'::text)::bigint,
                       (j.job ->> 'deliveries'::text)::integer, coalesce((j.job ->> 'missed'::text)::integer, 1),
                       (d.schedule).next_at = (d.schedule).created_at
                  FROM %1$s.mq_due_schedules(?, ?, ?, ?, ?) AS d, LATERAL (SELECT (d.schedule).properties -> 'sqlmq.job'::text AS job) j""".formatted(schema);
        advance = "UPDATE " + table
                + " SET next_at = pg_catalog.to_timestamp(?::float8 / 1000::float8), repeats = ? WHERE id = ?::uuid";
        startSeries = "INSERT INTO " + table + " (id, parent_id, next_at, repeats, " + MESSAGE + ")"
                + " SELECT ?::uuid, s.id, pg_catalog.to_timestamp(?::float8 / 1000::float8), s.repeats, "
                + MESSAGE.replaceFirst("cron, zone", "NULL, NULL") + " FROM " + table + " s WHERE s.id = ?::uuid";
        delete = "DELETE FROM " + table + " WHERE id = ?::uuid";
        fail = "UPDATE " + table + " SET next_at = 'infinity', last_error = ? WHERE id = ?::uuid"
                + " AND next_at <= statement_timestamp()";
        list = """
                SELECT s.id, s.topic, s.channel_name,
                       pg_catalog.floor(extract(epoch FROM nullif(s.next_at, 'infinity')) * 1000::numeric)::bigint, s.cron, s.zone, s.delay,
                       s.period, s.repeats, s.last_error, s.name, s.jms_type
                  FROM %1$s s
                 WHERE s.parent_id IS NULL OR NOT EXISTS (SELECT FROM %1$s p WHERE p.id = s.parent_id)
                 ORDER BY s.next_at, s.id""".formatted(table);
        remove = "DELETE FROM " + table
                + " s WHERE s.id = ?::uuid OR s.message_id = ?::uuid OR s.parent_id IN (SELECT p.id FROM " + table
                + " p WHERE p.id = ?::uuid OR p.message_id = ?::uuid)";
    }

    /** The columns of {@link #MESSAGE} of that row. */
    private static String of(String row) {
        return MESSAGE.replaceAll("[a-z_]+", row + ".$0");
    }

    /** Adds the statement that stores a message with its schedule. */
    void addInsert(Pipeline pipeline, NewMessage message, Schedule schedule) {
        pipeline.add(insert, p -> {
            bind(p, message, schedule);
            bind(p, message.headers());
            p.text(message.content().properties());
            bind(p, message.content(), message.content().text());
        });
    }

    /**
     * Adds the statements that store a job with its schedule, in the place of one with its identifier that says something else. JSON that is
     * none is refused, and not only when the job is due.
     *
     * @param name of the schedule
     * @param missed how often it is sent at most if it could not be sent when it was due; 1 is not stored
     */
    public void addPut(
            Pipeline pipeline, String name, NewMessage message, Schedule schedule, NewMessage.Job job, int missed) {
        pipeline.query("SELECT ?::jsonb IS NULL", p -> p.text(job.json()), checked -> {})
                .add(put, p -> {
                    p.text(name);
                    bind(p, message, schedule);
                    bind(p, message.headers().ofType(job.name()));
                    p.text(job.arguments())
                            .text(message.headers().group())
                            .bigint(job.backoff())
                            .integer(job.maxDeliveries())
                            .bigintOrNull(missed == 1 ? null : (long) missed);
                    bind(p, message.content(), job.json());
                });
    }

    private static void bind(Parameters p, NewMessage message, Schedule schedule) throws SQLException {
        CronExpression cron = schedule.cron();
        boolean topic = message.publication() != null;
        p.uuid(message.id())
                .bigintOrNull(
                        cron == null
                                ? null
                                : cron.next(Instant.now(), schedule.zone()).toEpochMilli())
                .bigint(message.delay())
                .integer(schedule.repeats())
                .text(cron == null ? null : cron.toString())
                .text(cron == null ? null : schedule.zone().getId())
                .bigint(schedule.delay())
                .bigint(schedule.period())
                .text(topic ? PublishStatements.topic(message) : message.channel())
                .bool(topic)
                .texts(schedule.senders().toArray(String[]::new))
                .bool(message.persistent())
                .integer(9 - message.priority())
                .bool(message.sentAt() != 0)
                .bigint(message.timeToLive());
    }

    private static void bind(Parameters p, Headers headers) throws SQLException {
        p.uuid(headers.messageId())
                .text(headers.destination())
                .text(headers.replyTo())
                .text(headers.correlationId())
                .text(headers.type())
                .text(headers.redeliveryPolicy())
                .integer(headers.deliveryMode());
    }

    private static void bind(Parameters p, Content content, @Nullable String text) throws SQLException {
        p.text(content.propertyTypes()).text(content.bodyType()).text(text).bytea(content.bytes());
    }

    /**
     * Adds the statement that locks schedules that are due.
     *
     * @param only none but these, or null
     * @param except none of these
     */
    public void addDue(Pipeline pipeline, int limit, UUID @Nullable [] only, UUID[] except, Pipeline.Reader reader) {
        long most = Runtime.getRuntime().maxMemory() / 4;
        pipeline.query(
                due,
                p -> {
                    p.integer(limit).bigint(BATCH_BYTES).bigint(most);
                    if (only == null) {
                        p.literal(null);
                    } else {
                        p.uuids(only);
                    }
                    p.uuids(except);
                },
                reader);
    }

    public void addAdvance(Pipeline pipeline, UUID id, long next, int repeats) {
        pipeline.add(advance, p -> p.bigint(next).integer(repeats).uuid(id));
    }

    /** A cron schedule is due: the series of repeated messages begins. */
    public void addSeries(Pipeline pipeline, UUID cron, UUID series, long first) {
        pipeline.add(startSeries, p -> p.uuid(series).bigint(first).uuid(cron));
    }

    public void addDelete(Pipeline pipeline, UUID id) {
        pipeline.add(delete, p -> p.uuid(id));
    }

    public void addFailure(Pipeline pipeline, UUID id, @Nullable String error) {
        pipeline.add(fail, p -> p.text(Texts.error(error)).uuid(id));
    }

    public void addList(Pipeline pipeline, Pipeline.Reader reader) {
        pipeline.query(list, p -> {}, reader);
    }

    public void addRemove(Pipeline pipeline, UUID id, Pipeline.Reader reader) {
        pipeline.query(
                "WITH removed AS (" + remove + " RETURNING s.id) SELECT count(*) FROM removed",
                p -> p.uuid(id).uuid(id).uuid(id).uuid(id),
                reader);
    }
}
