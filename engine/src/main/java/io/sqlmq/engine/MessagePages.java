package io.sqlmq.engine;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Selection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Messages of a queue in pages, whatever their state, for operators: each page is found by an index, and reads no more rows than it
 * is told, so that a page of a million messages takes as long as one of ten. Thread-safe.
 */
public final class MessagePages {
    /** How many rows are read for a page of what is searched for. */
    private static final int SEARCHED = 5_000;

    private static final String COLUMNS =
            "m.id, m.channel_name, %s AS persistent, m.prio_rank, m.seq, m.attempt_at, m.message_id, m.payload_id, m.sent_at,"
                    + " m.lease_owner, m.locked, m.delivery_count, m.expires_at, m.correlation_id, m.jms_type, m.name, m.reply_to,"
                    + " m.grp, m.properties::text AS properties, m.body_type, m.last_error,"
                    + " m.set_aside, m.dead_origin, m.dead_reason, m.dead_attempts, m.dead_at,"
                    + " m.attempt_at > pg_catalog.statement_timestamp() AS waits";

    private final Database database;
    private final String schema;
    private final String columns;
    private final String isLogged;

    MessagePages(Database database, Statements sql) {
        this.database = database;
        this.schema = sql.schema();
        this.isLogged = sql.isLogged();
        this.columns = COLUMNS.formatted(isLogged);
    }

    /** What an index of a queue has. */
    public enum Part {
        /** By order of delivery. */
        READY("m.attempt_at IS NULL", "prio_rank, seq", "(m.prio_rank, m.seq) > (?::smallint, ?)", true),
        /** Delayed, backing off or leased; by when they are due. */
        WAITING(
                "m.attempt_at IS NOT NULL AND m.attempt_at < 'infinity'::timestamptz",
                "attempt_at, prio_rank, seq",
                "(m.attempt_at, m.prio_rank, m.seq) > ('epoch'::timestamptz + ?::float8 * interval '1 microsecond', ?::smallint, ?)",
                true),
        /** By age. */
        SET_ASIDE("m.set_aside IS NOT NULL", "seq", "m.seq > ?", false);

        private final String condition;
        private final String order;
        private final String behind;
        private final boolean bySlot;

        Part(String condition, String order, String behind, boolean bySlot) {
            this.condition = condition;
            this.order = order;
            this.behind = behind;
            this.bySlot = bySlot;
        }

        private String qualified() {
            return "m." + order.replace(", ", ", m.");
        }
    }

    /**
     * What is searched for.
     *
     * @param selection made with {@link QueueInspection#rowColumns}, or null
     * @param text what is in body, properties, headers or error, whatever its case; or null
     * @param onlyDead dead letters only
     */
    public record Filter(
            @Nullable Selection selection, @Nullable String text, boolean onlyDead) {
        /** Finds all. */
        static final Filter ALL = new Filter(null, null, false);

        boolean isAll() {
            return selection == null && text == null && !onlyDead;
        }
    }

    /**
     * A page of a queue.
     *
     * @param after {@link StoredRow.Page#next} of the page before, null for the first
     * @param limit how many messages at most; there may be fewer, and none, though there is a next page, where one searches
     * @throws IllegalArgumentException if {@code after} is none
     */
    public StoredRow.Page page(String channel, Part part, Filter filter, @Nullable String after, int limit)
            throws SQLException {
        List<StoredRow> rows = new ArrayList<>();
        Place place = walk(columns, channel, part, filter, after, limit, row -> rows.add(row(row)));
        return new StoredRow.Page(rows, place.next, place.seen);
    }

    /**
     * The ids of a page, by whether the messages are persistent.
     *
     * @param next as that of a page
     */
    record Ids(
            List<UUID> logged,
            List<UUID> unlogged,
            @Nullable String next) {}

    /** As {@link #page}, without all that else is known of the messages. */
    Ids ids(String channel, Part part, Filter filter, @Nullable String after, int limit) throws SQLException {
        List<UUID> logged = new ArrayList<>();
        List<UUID> unlogged = new ArrayList<>();
        Place place = walk(
                "m.id, m.prio_rank, m.seq, m.attempt_at, " + isLogged + " AS persistent",
                channel,
                part,
                filter,
                after,
                limit,
                row -> (row.getBoolean("persistent") ? logged : unlogged).add(row.getObject("id", UUID.class)));
        return new Ids(logged, unlogged, place.next);
    }

    /** Reads one row. */
    @FunctionalInterface
    private interface Found {
        void in(ResultSet row) throws SQLException;
    }

    /** How far a page has come: where the next begins, null at the end, and how many rows were read for it. */
    private static final class Place {
        private @Nullable String next;
        private long seen;
        private int found;
    }

    private Place walk(
            String selected, String channel, Part part, Filter filter, @Nullable String after, int limit, Found found)
            throws SQLException {
        int read = filter.isAll() ? limit + 1 : Math.max(SEARCHED, limit + 1);
        long[] begin = place(part, after);
        String arm = "(SELECT " + selected + ", (" + predicate(filter) + ") AS matched FROM " + schema
                + ".mq_rows m WHERE m.channel_name = ? AND " + part.condition + "@slot AND " + part.behind
                + " ORDER BY "
                + part.qualified() + " LIMIT ?)";
        String arms = part.bySlot
                ? arm.replace("@slot", " AND m.slot IS NULL") + " UNION ALL "
                        + arm.replace("@slot", " AND m.slot IS NOT NULL")
                : arm.replace("@slot", "");
        String sql = "SELECT q.* FROM (SELECT p.*, pg_catalog.row_number() OVER (ORDER BY " + part.order
                + ") AS n, pg_catalog.count(*) OVER () AS read FROM (SELECT a.* FROM (" + arms + ") a ORDER BY "
                + part.order
                + " LIMIT ?) p) q WHERE q.matched OR q.n = q.read ORDER BY q.n";
        Place place = new Place();
        database.run(new Pipeline()
                .query(
                        sql,
                        p -> {
                            for (int i = 0; i < (part.bySlot ? 2 : 1); i++) {
                                bind(p, filter);
                                p.text(channel);
                                if (part == Part.WAITING) {
                                    p.bigint(begin[0]);
                                }
                                if (part != Part.SET_ASIDE) {
                                    p.integer((int) begin[1]);
                                }
                                p.bigint(begin[2]).integer(read);
                            }
                            p.integer(read);
                        },
                        result -> {
                            while (result.next() && place.found < limit) {
                                place.seen = result.getLong("n");
                                boolean last = place.seen == result.getLong("read");
                                if (result.getBoolean("matched")) {
                                    found.in(result);
                                    place.found++;
                                }
                                place.next = last && place.seen < read ? null : place(part, result);
                            }
                        }));
        return place;
    }

    /** One message; null if it is not there. */
    public @Nullable StoredRow find(UUID id) throws SQLException {
        StoredRow[] found = new StoredRow[1];
        database.run(new Pipeline()
                .query(
                        "SELECT " + columns + " FROM " + schema + ".mq_rows m WHERE m.id = ?::uuid",
                        p -> p.uuid(id),
                        result -> {
                            if (result.next()) {
                                found[0] = row(result);
                            }
                        }));
        return found[0];
    }

    /** The body of a message, at most so many characters or bytes of it; null if the message is not there. */
    public StoredRow.@Nullable Body body(UUID id, int most) throws SQLException {
        StoredRow.Body[] found = new StoredRow.Body[1];
        String text = "coalesce(m.payload_text, m.payload_json::text)";
        database.run(new Pipeline()
                .query(
                        "SELECT pg_catalog.left(" + text
                                + ", ?), pg_catalog.substring(m.payload_bytes, 1, ?), coalesce("
                                + "pg_catalog.octet_length(m.payload_bytes), pg_catalog.octet_length(" + text
                                + "), 0) FROM "
                                + schema + ".mq_rows m WHERE m.id = ?::uuid",
                        p -> p.integer(most).integer(most).uuid(id),
                        result -> {
                            if (result.next()) {
                                found[0] =
                                        new StoredRow.Body(result.getString(1), result.getBytes(2), result.getLong(3));
                            }
                        }));
        return found[0];
    }

    private static String predicate(Filter filter) {
        List<String> all = new ArrayList<>();
        if (filter.selection() != null) {
            all.add("(" + filter.selection().predicate() + ")");
        }
        if (filter.text() != null) {
            all.add(
                    "pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat_ws(' ', m.id::text, m.correlation_id, m.jms_type, m.name,"
                            + " m.grp, m.dead_origin, m.last_error, m.properties::text, m.payload_text, m.payload_json::text)),"
                            + " pg_catalog.lower(?)) > 0");
        }
        if (filter.onlyDead()) {
            all.add("m.dead_origin IS NOT NULL");
        }
        return all.isEmpty() ? "true" : String.join(" AND ", all);
    }

    private static void bind(Parameters parameters, Filter filter) throws SQLException {
        if (filter.selection() != null) {
            parameters.values(filter.selection().parameters());
        }
        if (filter.text() != null) {
            parameters.text(filter.text());
        }
    }

    /** Microseconds since 1970, rank, seq. */
    private static long[] place(Part part, @Nullable String after) {
        if (after == null) {
            return new long[] {-200_000_000_000_000_000L, -1, 0};
        }
        String[] numbers = after.split("_", -1);
        try {
            return switch (part) {
                case READY -> new long[] {0, Short.parseShort(numbers[0]), Long.parseLong(numbers[1])};
                case WAITING ->
                    new long[] {Long.parseLong(numbers[0]), Short.parseShort(numbers[1]), Long.parseLong(numbers[2])};
                case SET_ASIDE -> new long[] {0, 0, Long.parseLong(numbers[0])};
            };
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("No page begins at " + after, e);
        }
    }

    private static String place(Part part, ResultSet row) throws SQLException {
        int rank = row.getInt("prio_rank");
        long seq = row.getLong("seq");
        Instant at = part == Part.WAITING ? instant(row, "attempt_at") : null;
        return switch (part) {
            case READY -> rank + "_" + seq;
            case WAITING ->
                (at == null ? 0 : at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000) + "_" + rank + "_" + seq;
            case SET_ASIDE -> String.valueOf(seq);
        };
    }

    private static StoredRow row(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        UUID messageId = row.getObject("message_id", UUID.class);
        UUID shared = row.getObject("payload_id", UUID.class);
        UUID told = messageId != null ? messageId : shared != null ? shared : id;
        int rank = row.getInt("prio_rank");
        boolean aside = row.getString("set_aside") != null;
        Instant due = aside ? null : instant(row, "attempt_at");
        Object sentAt = row.getObject("sent_at");
        String bodyType = row.getString("body_type");
        return new StoredRow(
                id,
                row.getString("channel_name"),
                told.equals(new UUID(0, 0)) ? null : told,
                row.getBoolean("persistent"),
                9 - rank,
                sentAt == null ? null : Instant.ofEpochMilli(((Number) sentAt).longValue()),
                state(row, aside),
                row.getBoolean("waits") ? due : null,
                instant(row, "expires_at"),
                row.getInt("delivery_count"),
                row.getString("correlation_id"),
                row.getString("jms_type") == null ? row.getString("name") : row.getString("jms_type"),
                row.getString("reply_to"),
                row.getString("grp"),
                row.getString("properties"),
                bodyType == null ? "text" : bodyType,
                row.getString("last_error"),
                row.getString("set_aside"),
                row.getString("dead_origin"),
                row.getString("dead_reason"),
                row.getInt("dead_attempts"),
                instant(row, "dead_at"));
    }

    private static String state(ResultSet row, boolean aside) throws SQLException {
        boolean waits = row.getBoolean("waits");
        if (aside) {
            return "set aside";
        }
        if (row.getBoolean("locked") || (waits && row.getObject("lease_owner") != null)) {
            return "in flight";
        }
        return !waits ? "ready" : row.getInt("delivery_count") > 0 ? "backing off" : "delayed";
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null || time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN)
                ? null
                : time.toInstant();
    }
}
