package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.NewMessage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes messages: a few fixed statements over arrays, each bounded in size. Stateless. */
public final class InsertStatements {

    /** Roughly how many bytes travel in one statement; a larger body travels alone. */
    private static final int STATEMENT_BYTES = 4 << 20;

    private static final int STATEMENT_ROWS = 1000;

    /** Few rows, or large ones, travel as rows; many small ones as arrays, a parameter for each column. */
    private static final int FEW_ROWS = 4;

    private static final int LARGE_ROW_BYTES = 8 << 10;
    private static final int MOST_LARGE_ROWS = 16;

    /** Longer times overflow the server's timestamps. */
    private static final long FOREVER = TimeUnit.DAYS.toMillis(365_000);

    private final Statements sql;

    public InsertStatements(Statements sql) {
        this.sql = sql;
    }

    /** Adds the statements that write {@code messages}, in their order within each table; returns how many. */
    public int add(Pipeline pipeline, List<NewMessage> messages) {
        return add(pipeline, messages, null, false);
    }

    /**
     * As {@link #add(Pipeline, List)}.
     *
     * @param writers collects the (sub)transactions that wrote the rows, or null
     * @param relaxed whether they are to see that the commit does not wait for the disk
     */
    int add(Pipeline pipeline, List<NewMessage> messages, @Nullable Set<String> writers, boolean relaxed) {
        int before = pipeline.size();
        for (boolean persistent : new boolean[] {true, false}) {
            List<NewMessage> chunk = new ArrayList<>();
            long bytes = 0;
            for (NewMessage message : messages) {
                if (message.persistent() != persistent) {
                    continue;
                }
                if (!chunk.isEmpty()
                        && (bytes + message.size() > STATEMENT_BYTES
                                || chunk.size() >= STATEMENT_ROWS
                                || isJob(message) != isJob(chunk.get(0)))) {
                    addChunk(pipeline, chunk, writers, relaxed);
                    chunk = new ArrayList<>();
                    bytes = 0;
                }
                chunk.add(message);
                bytes += message.size();
            }
            if (!chunk.isEmpty()) {
                addChunk(pipeline, chunk, writers, relaxed);
            }
        }
        return pipeline.size() - before;
    }

    private static boolean isJob(NewMessage message) {
        return message.job() != null;
    }

    /** All for one table, and all jobs or none. */
    private void addChunk(Pipeline pipeline, List<NewMessage> rows, @Nullable Set<String> writers, boolean relaxed) {
        if (isJob(rows.get(0))) {
            boolean plain = rows.stream().allMatch(InsertStatements::isPlainJob);
            addStatement(
                    pipeline,
                    plain ? sql.insertPlainJobs : sql.insertFullJobs,
                    plain ? parameters -> bindPlainJobs(parameters, rows) : parameters -> bindJobs(parameters, rows),
                    writers);
        } else {
            addRows(pipeline, rows, rows.get(0).persistent(), writers, relaxed);
        }
    }

    private void addRows(
            Pipeline pipeline,
            List<NewMessage> rows,
            boolean persistent,
            @Nullable Set<String> writers,
            boolean relaxed) {
        boolean plain = rows.stream().allMatch(InsertStatements::isPlain);
        long bytes = rows.stream().mapToLong(NewMessage::size).sum();
        if (rows.size() > FEW_ROWS && bytes / rows.size() < LARGE_ROW_BYTES) {
            String insert = plain
                    ? (persistent ? sql.insertPlain : sql.insertPlainUnlogged)
                    : (persistent ? sql.insertFull : sql.insertFullUnlogged);
            addStatement(
                    pipeline,
                    relaxed ? sql.relaxed(insert) : insert,
                    parameters -> bind(parameters, rows, plain),
                    writers);
            return;
        }
        // Powers of two, so that the statements are few.
        for (int from = 0; from < rows.size(); ) {
            int count = Math.min(MOST_LARGE_ROWS, Integer.highestOneBit(rows.size() - from));
            List<NewMessage> some = rows.subList(from, from + count);
            String insert = sql.insertRows(persistent, plain, count);
            addStatement(
                    pipeline,
                    relaxed ? sql.relaxed(insert) : insert,
                    parameters -> bindRows(parameters, some, plain),
                    writers);
            from += count;
        }
    }

    private static void addStatement(
            Pipeline pipeline, String insert, Pipeline.Binder binder, @Nullable Set<String> writers) {
        if (writers == null) {
            pipeline.add(insert, binder);
        } else {
            pipeline.query(
                    "WITH written AS (" + insert + " RETURNING xmin) SELECT xmin FROM written LIMIT 1",
                    binder,
                    result -> {
                        while (result.next()) {
                            writers.add(result.getString(1));
                        }
                    });
        }
    }

    private static void bindRows(Parameters p, List<NewMessage> rows, boolean plain) throws SQLException {
        for (NewMessage m : rows) {
            p.uuid(m.id())
                    .text(m.channel())
                    .integer(9 - m.priority())
                    .bigintOrNull(orNull(m.sentAt()))
                    .text(m.content().bodyType())
                    .text(m.content().text())
                    .bytea(m.content().bytes());
            if (!plain) {
                p.text(m.content().properties())
                        .text(m.content().propertyTypes())
                        .bigintOrNull(orNull(Math.min(m.remainingDelay(), FOREVER)))
                        .bigintOrNull(orNull(m.deliveryTime()))
                        .bigintOrNull(orNull(Math.min(m.timeToLive(), FOREVER)))
                        .bigintOrNull(orNull(m.expiration()))
                        .uuid(m.headers().messageId())
                        .text(m.headers().destination())
                        .text(m.headers().replyTo())
                        .text(m.headers().correlationId())
                        .text(m.headers().type())
                        .text(m.headers().redeliveryPolicy())
                        .bigintOrNull(orNull(m.headers().deliveryMode()))
                        .text(m.headers().group())
                        .text(m.headers().group());
            }
        }
    }

    private static boolean isPlain(NewMessage m) {
        return m.headers().equals(NewMessage.Headers.NONE)
                && m.delay() == 0
                && m.timeToLive() == 0
                && m.content().properties() == null
                && m.content().propertyTypes() == null;
    }

    private static void bind(Parameters p, List<NewMessage> rows, boolean plain) throws SQLException {
        p.uuids(column(rows, NewMessage::id, UUID[]::new));
        p.texts(column(rows, NewMessage::channel, String[]::new));
        p.smallints(column(rows, m -> (short) (9 - m.priority()), Short[]::new));
        p.bigints(column(rows, m -> orNull(m.sentAt()), Long[]::new));
        p.texts(column(rows, m -> m.content().bodyType(), String[]::new));
        p.texts(column(rows, m -> m.content().text(), String[]::new));
        p.bytes(column(rows, m -> m.content().bytes(), byte[][]::new));
        if (plain) {
            return;
        }
        p.texts(column(rows, m -> m.content().properties(), String[]::new));
        p.texts(column(rows, m -> m.content().propertyTypes(), String[]::new));
        p.bigints(column(rows, m -> orNull(Math.min(m.remainingDelay(), FOREVER)), Long[]::new));
        p.bigints(column(rows, m -> orNull(m.deliveryTime()), Long[]::new));
        p.bigints(column(rows, m -> orNull(Math.min(m.timeToLive(), FOREVER)), Long[]::new));
        p.bigints(column(rows, m -> orNull(m.expiration()), Long[]::new));
        p.uuids(column(rows, m -> m.headers().messageId(), UUID[]::new));
        p.texts(column(rows, m -> m.headers().destination(), String[]::new));
        p.texts(column(rows, m -> m.headers().replyTo(), String[]::new));
        p.texts(column(rows, m -> m.headers().correlationId(), String[]::new));
        p.texts(column(rows, m -> m.headers().type(), String[]::new));
        p.texts(column(rows, m -> m.headers().redeliveryPolicy(), String[]::new));
        p.smallints(column(rows, m -> shortOrNull(m.headers().deliveryMode()), Short[]::new));
        p.texts(column(rows, m -> m.headers().group(), String[]::new));
    }

    private static boolean isPlainJob(NewMessage m) {
        return isPlain(m) && m.content().text() == null && m.content().bodyType() == null;
    }

    private static void bindPlainJobs(Parameters p, List<NewMessage> rows) throws SQLException {
        p.uuids(column(rows, NewMessage::id, UUID[]::new));
        p.texts(column(rows, NewMessage::channel, String[]::new));
        p.smallints(column(rows, m -> (short) (9 - m.priority()), Short[]::new));
        p.bigints(column(rows, m -> orNull(m.sentAt()), Long[]::new));
        p.bytes(column(rows, m -> m.content().bytes(), byte[][]::new));
        p.texts(column(rows, m -> job(m).name(), String[]::new));
        p.texts(column(rows, m -> job(m).arguments(), String[]::new));
        bindRest(p, rows);
    }

    private static void bindJobs(Parameters p, List<NewMessage> rows) throws SQLException {
        bind(p, rows, false);
        p.texts(column(rows, m -> job(m).name(), String[]::new));
        p.texts(column(rows, m -> job(m).arguments(), String[]::new));
        p.bigints(column(rows, m -> orNull(Math.min(job(m).commitInterval(), FOREVER)), Long[]::new));
        bindRest(p, rows);
    }

    private static void bindRest(Parameters p, List<NewMessage> rows) throws SQLException {
        p.bigints(column(rows, m -> Math.min(job(m).backoff(), FOREVER), Long[]::new));
        p.integers(column(rows, m -> job(m).maxDeliveries(), Integer[]::new));
        p.texts(column(rows, m -> job(m).json(), String[]::new));
    }

    private static NewMessage.Job job(NewMessage message) {
        return Objects.requireNonNull(message.job());
    }

    private static @Nullable Long orNull(long value) {
        return value == 0 ? null : value;
    }

    private static @Nullable Short shortOrNull(int value) {
        return value == 0 ? null : (short) value;
    }

    private static <T extends @Nullable Object> T[] column(
            List<NewMessage> rows, Function<NewMessage, T> value, java.util.function.IntFunction<T[]> array) {
        T[] column = array.apply(rows.size());
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(rows.get(i));
        }
        return column;
    }

    static String channels(List<NewMessage> messages) {
        return messages.stream().map(NewMessage::channel).distinct().collect(Collectors.joining(", "));
    }
}
