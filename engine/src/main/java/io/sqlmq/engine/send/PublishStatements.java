package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.Publication;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Writes published messages: one statement for both tables, over arrays. Stateless. */
public final class PublishStatements {

    private final TopicStatements sql;

    public PublishStatements(TopicStatements sql) {
        this.sql = sql;
    }

    /**
     * Adds the statement that writes the copies whose topics are as they were known.
     *
     * @param current filled with these topics when the pipeline has run
     * @param writers collects the (sub)transactions that wrote the rows, or null
     * @param relaxes whether the commit need not wait for the disk
     */
    void add(
            Pipeline pipeline,
            List<FanOut> copies,
            Set<String> current,
            @Nullable Set<String> writers,
            boolean relaxes) {
        Map<String, Topics.Versions> versions = new LinkedHashMap<>();
        List<Row> logged = new ArrayList<>();
        List<Row> unlogged = new ArrayList<>();
        List<FanOut> loggedBodies = new ArrayList<>();
        List<FanOut> unloggedBodies = new ArrayList<>();
        for (FanOut copy : copies) {
            String topic = topic(copy);
            versions.put(topic, copy.versions());
            UUID body = copy.message().id();
            copy.logged().forEach(row -> logged.add(new Row(topic, row, copy.loggedBody() ? body : null)));
            copy.unlogged().forEach(row -> unlogged.add(new Row(topic, row, copy.unloggedBody() ? body : null)));
            if (copy.loggedBody()) {
                loggedBodies.add(copy);
            }
            if (copy.unloggedBody()) {
                unloggedBodies.add(copy);
            }
        }
        pipeline.query(
                sql.publish(
                        !logged.isEmpty(),
                        !loggedBodies.isEmpty(),
                        !unlogged.isEmpty(),
                        !unloggedBodies.isEmpty(),
                        relaxes),
                p -> {
                    p.texts(versions.keySet().toArray(String[]::new));
                    p.bigints(column(List.copyOf(versions.values()), Topics.Versions::own, Long[]::new));
                    p.bigints(column(List.copyOf(versions.values()), Topics.Versions::patterns, Long[]::new));
                    bindBodies(p, loggedBodies);
                    bindRows(p, logged);
                    bindBodies(p, unloggedBodies);
                    bindRows(p, unlogged);
                },
                rows -> {
                    rows.next();
                    java.sql.Array topics = rows.getArray(1);
                    if (topics != null) {
                        for (Object topic : (Object[]) topics.getArray()) {
                            current.add((String) topic);
                        }
                    }
                    if (writers != null) {
                        addIfPresent(writers, rows.getString(2));
                        addIfPresent(writers, rows.getString(3));
                    }
                });
    }

    static String topic(FanOut copy) {
        return topic(copy.message());
    }

    static String topic(NewMessage message) {
        Publication publication = message.publication();
        return publication == null ? "" : publication.topic();
    }

    private static void addIfPresent(Set<String> writers, @Nullable String writer) {
        if (writer != null) {
            writers.add(writer);
        }
    }

    private record Row(
            String topic, NewMessage message, @Nullable UUID body) {}

    private static void bindBodies(Parameters p, List<FanOut> bodies) throws SQLException {
        if (bodies.isEmpty()) {
            return;
        }
        p.texts(column(bodies, PublishStatements::topic, String[]::new));
        p.uuids(column(bodies, c -> c.message().id(), UUID[]::new));
        p.texts(column(bodies, c -> c.message().content().text(), String[]::new));
        p.bytes(column(bodies, c -> c.message().content().bytes(), byte[][]::new));
    }

    private static void bindRows(Parameters p, List<Row> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        p.texts(column(rows, Row::topic, String[]::new));
        p.uuids(column(rows, r -> r.message().id(), UUID[]::new));
        p.texts(column(rows, r -> r.message().channel(), String[]::new));
        p.smallints(column(rows, r -> (short) (9 - r.message().priority()), Short[]::new));
        p.bigints(column(rows, r -> orNull(r.message().sentAt()), Long[]::new));
        bindContent(p, rows.stream().map(r -> r.message().content()).toList());
        p.bigints(column(rows, r -> orNull(r.message().remainingDelay()), Long[]::new));
        p.bigints(column(rows, r -> orNull(r.message().deliveryTime()), Long[]::new));
        p.bigints(column(rows, r -> orNull(r.message().timeToLive()), Long[]::new));
        p.bigints(column(rows, r -> orNull(r.message().expiration()), Long[]::new));
        bindHeaders(p, rows.stream().map(r -> r.message().headers()).toList());
        p.uuids(column(rows, Row::body, UUID[]::new));
        p.texts(column(rows, r -> r.message().headers().group(), String[]::new));
    }

    private static void bindContent(Parameters p, List<Content> contents) throws SQLException {
        p.texts(column(contents, Content::bodyType, String[]::new));
        p.texts(column(contents, Content::text, String[]::new));
        p.bytes(column(contents, Content::bytes, byte[][]::new));
        p.texts(column(contents, Content::properties, String[]::new));
        p.texts(column(contents, Content::propertyTypes, String[]::new));
    }

    private static void bindHeaders(Parameters p, List<NewMessage.Headers> headers) throws SQLException {
        p.uuids(column(headers, NewMessage.Headers::messageId, UUID[]::new));
        p.texts(column(headers, NewMessage.Headers::destination, String[]::new));
        p.texts(column(headers, NewMessage.Headers::replyTo, String[]::new));
        p.texts(column(headers, NewMessage.Headers::correlationId, String[]::new));
        p.texts(column(headers, NewMessage.Headers::type, String[]::new));
        p.texts(column(headers, NewMessage.Headers::redeliveryPolicy, String[]::new));
        p.smallints(column(headers, h -> h.deliveryMode() == 0 ? null : (short) h.deliveryMode(), Short[]::new));
    }

    private static @Nullable Long orNull(long value) {
        return value == 0 ? null : value;
    }

    private static <S, T extends @Nullable Object> T[] column(
            List<S> rows, Function<S, T> value, IntFunction<T[]> array) {
        T[] column = array.apply(rows.size());
        for (int i = 0; i < column.length; i++) {
            column[i] = value.apply(rows.get(i));
        }
        return column;
    }
}
