package io.sqlmq.engine;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
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
     * @param lanes where to look
     * @param held what the transaction holds already
     * @param own the (sub)transactions that wrote messages within this transaction
     * @param idleTimeout milliseconds after which the server ends the transaction if it is idle, or null
     * @return filled when the pipeline has run, in delivery order
     */
    List<Delivery> add(
            Pipeline pipeline,
            ChannelConsumer consumer,
            List<Head.Lane> lanes,
            int limit,
            Collection<Delivery> held,
            Collection<String> own,
            @Nullable String idleTimeout) {
        Head head = consumer.head();
        List<Delivery> claimed = new ArrayList<>(Math.min(limit, 64));
        Long[] heldNumbers = held.stream().map(d -> d.row().seq()).toArray(Long[]::new);
        Pipeline.Reader reader = rows -> {
            read(rows, head, claimed);
            claimed.sort(DELIVERY_ORDER);
        };
        Selection selection = head.selection();
        if (selection != null) {
            if (idleTimeout != null) {
                pipeline.add(Sql.idleTimeout(idleTimeout));
            }
            pipeline.query(SelectiveSql.NAIL, p -> {}, rows -> {})
                    .query(
                            SelectiveSql.claim(sql.schema(), selection.predicate()),
                            p -> bindSelective(p, head, selection, limit, heldNumbers, xids(own)),
                            reader)
                    .query(SelectiveSql.LOOSEN, p -> {}, rows -> {});
            return claimed;
        }
        boolean twinFirst = head.twinFirst();
        pipeline.query(
                sql.claim,
                parameters -> {
                    parameters.text(idleTimeout).text(head.channel().name()).integer(limit);
                    bindLanes(parameters, lanes, twinFirst);
                    parameters
                            .bigints(heldNumbers)
                            .literal(xids(own))
                            .bool(consumer.rules().blocksWhileBackingOff());
                },
                reader);
        return claimed;
    }

    /** Adds a claim of ready rows in a new transaction that is nailed, see {@link ReadySql#nail}. */
    List<Delivery> addReady(Pipeline pipeline, ChannelConsumer consumer, Head.Ready where, int limit) {
        Head head = consumer.head();
        Channel channel = head.channel();
        List<Delivery> claimed = new ArrayList<>(Math.min(limit, 64));
        pipeline.query(
                sql.ready.claim(where.twin(), where.before() != null, channel.sharesBodies()),
                p -> {
                    bindLane(p, channel, where.lane(), where.twin());
                    if (where.before() != null) {
                        bindLane(p, channel, where.before(), where.twin());
                    }
                    p.integer(limit);
                },
                rows -> {
                    String transaction = null;
                    while (rows.next()) {
                        Delivery delivery = Rows.readyDelivery(rows, channel.name(), where.twin(), transaction);
                        transaction = delivery.transaction;
                        claimed.add(delivery);
                    }
                });
        return claimed;
    }

    private static void bindLane(Parameters p, Channel channel, Head.Lane lane, boolean twin) throws SQLException {
        p.text(channel.name()).integer(lane.from());
        p.bigint(twin ? lane.twinFloor() : lane.floor()).integer(lane.to());
    }

    /** Adds a take, without a selection: claim and delete of one message. */
    List<Delivery> addTake(
            Pipeline pipeline, ChannelConsumer consumer, Collection<String> own, @Nullable String expiredTo) {
        Head head = consumer.head();
        List<Head.Lane> lanes = head.lanes();
        boolean twinFirst = head.twinFirst();
        List<Delivery> claimed = new ArrayList<>(1);
        pipeline.query(
                sql.take,
                parameters -> {
                    parameters.text(head.channel().name());
                    bindLanes(parameters, lanes, twinFirst);
                    parameters
                            .literal(xids(own))
                            .bool(consumer.rules().blocksWhileBackingOff())
                            .text(expiredTo);
                },
                rows -> read(rows, head, claimed));
        return claimed;
    }

    private static void bindSelective(Parameters p, Head head, Selection selection, int limit, Long[] held, String own)
            throws SQLException {
        String channel = head.channel().name();
        List<Head.Lane> lanes = head.lanes();
        p.bigint(limit);
        for (boolean twin : new boolean[] {false, true}) {
            p.text(channel).bigints(held).literal(own).values(selection.parameters());
            p.smallints(lanes.stream().map(l -> (short) l.from()).toArray(Short[]::new))
                    .smallints(lanes.stream().map(l -> (short) l.to()).toArray(Short[]::new))
                    .bigints(lanes.stream()
                            .map(twin ? Head.Lane::twinFloor : Head.Lane::floor)
                            .toArray(Long[]::new));
            p.text(channel).bigints(held).literal(own).values(selection.parameters());
        }
    }

    private static void bindLanes(Parameters parameters, List<Head.Lane> lanes, boolean twinFirst) throws SQLException {
        parameters
                .smallints(lanes.stream().map(l -> (short) l.from()).toArray(Short[]::new))
                .smallints(lanes.stream().map(l -> (short) l.to()).toArray(Short[]::new))
                .bigints(lanes.stream().map(Head.Lane::floor).toArray(Long[]::new))
                .bigints(lanes.stream().map(Head.Lane::twinFloor).toArray(Long[]::new))
                .bool(twinFirst);
    }

    private static String xids(Collection<String> own) {
        return own.isEmpty() ? "{}" : "{" + String.join(",", own) + "}";
    }

    private static void read(ResultSet rows, Head head, List<Delivery> into) throws SQLException {
        while (rows.next()) {
            into.add(Rows.delivery(rows, head.channel().name()));
        }
    }
}
