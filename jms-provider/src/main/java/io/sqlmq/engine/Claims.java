package io.sqlmq.engine;

import io.sqlmq.engine.NewMessage.Content;
import io.sqlmq.engine.NewMessage.Headers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Builds claims into pipelines and reads what they return. Stateless. */
final class Claims {

    private static final Comparator<Delivery> DELIVERY_ORDER = Comparator.comparingInt(
                    (Delivery d) -> -d.row().priority())
            .thenComparingLong(d -> d.row().seq());

    private final Sql sql;

    Claims(Sql sql) {
        this.sql = sql;
    }

    /**
     * Adds a claim.
     *
     * @param held what the transaction holds already
     * @param own the (sub)transactions that wrote messages within this transaction
     * @return filled when the pipeline has run, in delivery order
     */
    List<Delivery> add(
            Pipeline pipeline, ChannelConsumer consumer, int limit, Collection<Delivery> held, Collection<String> own) {
        Channel channel = consumer.state();
        List<Channel.Lane> lanes = channel.lanes();
        boolean twinFirst = channel.twinFirst();
        List<Delivery> claimed = new ArrayList<>(Math.min(limit, 64));
        pipeline.query(
                sql.claim,
                parameters -> {
                    parameters.text(channel.name()).integer(limit);
                    bindLanes(parameters, lanes, twinFirst);
                    parameters.bigints(held.stream().map(d -> d.row().seq()).toArray(Long[]::new));
                    parameters.literal(xids(own)).bool(consumer.rules().blocksWhileBackingOff());
                },
                rows -> {
                    read(rows, channel.name(), claimed);
                    claimed.sort(DELIVERY_ORDER);
                });
        return claimed;
    }

    /** Adds a take: claim and delete of one message. */
    List<Delivery> addTake(
            Pipeline pipeline, ChannelConsumer consumer, Collection<String> own, @Nullable String expiredTo) {
        Channel channel = consumer.state();
        List<Channel.Lane> lanes = channel.lanes();
        boolean twinFirst = channel.twinFirst();
        List<Delivery> claimed = new ArrayList<>(1);
        pipeline.query(
                sql.take,
                parameters -> {
                    parameters.text(channel.name());
                    bindLanes(parameters, lanes, twinFirst);
                    parameters
                            .literal(xids(own))
                            .bool(consumer.rules().blocksWhileBackingOff())
                            .text(expiredTo);
                },
                rows -> read(rows, channel.name(), claimed));
        return claimed;
    }

    private static void bindLanes(Parameters parameters, List<Channel.Lane> lanes, boolean twinFirst)
            throws SQLException {
        parameters
                .smallints(lanes.stream().map(l -> (short) l.from()).toArray(Short[]::new))
                .smallints(lanes.stream().map(l -> (short) l.to()).toArray(Short[]::new))
                .bigints(lanes.stream().map(Channel.Lane::floor).toArray(Long[]::new))
                .bigints(lanes.stream().map(Channel.Lane::twinFloor).toArray(Long[]::new))
                .bool(twinFirst);
    }

    private static String xids(Collection<String> own) {
        return own.isEmpty() ? "{}" : "{" + String.join(",", own) + "}";
    }

    private static void read(ResultSet rows, String channel, List<Delivery> into) throws SQLException {
        while (rows.next()) {
            boolean twin = rows.getBoolean(1);
            Headers headers = new Headers(
                    rows.getObject(15, UUID.class),
                    rows.getString(16),
                    rows.getString(17),
                    rows.getString(18),
                    rows.getString(19),
                    rows.getString(20),
                    rows.getInt(29));
            Content content = new Content(
                    rows.getString(23), rows.getString(24), rows.getBytes(25), rows.getString(26), rows.getString(27));
            Delivery.Row row = new Delivery.Row(
                    rows.getObject(6, UUID.class),
                    channel,
                    !twin,
                    9 - rows.getInt(8),
                    rows.getLong(7),
                    rows.getLong(9),
                    rows.getLong(10),
                    rows.getLong(11),
                    rows.getInt(12),
                    rows.getInt(13),
                    rows.getString(21),
                    rows.getString(22),
                    headers,
                    content);
            Delivery delivery = new Delivery(
                    row,
                    rows.getString(2),
                    rows.getBoolean(3),
                    rows.getBoolean(4),
                    rows.getBoolean(14),
                    rows.getString(5));
            delivery.payloadId = rows.getObject(28, UUID.class);
            into.add(delivery);
        }
    }
}
