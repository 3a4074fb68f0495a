package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Selection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Builds claims into pipelines and reads what they return. */
public final class ClaimStatements {

    private static final Comparator<Delivery> DELIVERY_ORDER = Comparator.comparingInt(
                    (Delivery d) -> -d.row().priority())
            .thenComparingLong(d -> d.row().seq());

    private final Statements sql;
    private final ReadyClaimStatements ready;
    private final LapsedLeases lapsed;

    public ClaimStatements(Statements sql, ReadyClaimStatements ready, LapsedLeases lapsed) {
        this.sql = sql;
        this.ready = ready;
        this.lapsed = lapsed;
    }

    /**
     * Adds a claim.
     *
     * @param ranges where to look
     * @param held what the transaction holds already
     * @param own the (sub)transactions that wrote messages within this transaction
     * @param idleTimeout milliseconds after which the server ends the transaction if it is idle, or null
     * @param signature what the transaction signs with, see {@link Signatures}
     * @return filled when the pipeline has run, in delivery order
     */
    public List<Delivery> add(
            Pipeline pipeline,
            ChannelConsumer consumer,
            List<ClaimCursor.RankRange> ranges,
            int limit,
            Collection<Delivery> held,
            Collection<String> own,
            @Nullable String idleTimeout,
            @Nullable Long signature) {
        ClaimCursor cursor = consumer.cursor();
        Selection selection = cursor.selection();
        List<Delivery> claimed = new ArrayList<>(Math.min(limit, 64));
        Held working = Held.of(held);
        boolean inOrder = selection != null || !consumer.isCrowded();
        Pipeline.Reader reader = rows -> {
            read(rows, cursor, claimed);
            claimed.sort(DELIVERY_ORDER);
            if (inOrder) {
                cut(claimed, limit);
            }
        };
        if (selection != null) {
            if (idleTimeout != null) {
                pipeline.add(Statements.idleTimeout(idleTimeout));
            }
            String since = cursor.channel().waiting();
            SelectiveClaimParameters claim = new SelectiveClaimParameters(
                    consumer, selection, limit, working, xids(own), signature, lapsed, since);
            pipeline.query(SelectiveClaimStatements.pinPlanner(selection), p -> {}, rows -> {})
                    .query(
                            SelectiveClaimStatements.hold(sql.schema(), selection.predicate(), since != null),
                            claim::bindHold,
                            rows -> {})
                    .query(
                            SelectiveClaimStatements.claim(
                                    sql.schema(), selection.predicate(), sql.most(), since != null),
                            claim::bind,
                            reader)
                    .query(SelectiveClaimStatements.UNPIN_PLANNER, p -> {}, rows -> {});
            return claimed;
        }
        boolean unloggedFirst = cursor.unloggedFirst();
        boolean grouped = cursor.looksForGroups();
        String since = cursor.channel().waiting();
        pipeline.query(
                since == null ? sql.claim : sql.claimBehind,
                parameters -> {
                    parameters
                            .bigintOrNull(signature)
                            .text(idleTimeout)
                            .text(cursor.channel().name())
                            .integer(limit);
                    bindLanes(parameters, ranges, unloggedFirst);
                    parameters
                            .bigints(working.numbers())
                            .literal(xids(own))
                            .bool(consumer.rules().blocksWhileBackingOff());
                    bindGroupedFloors(parameters, ranges);
                    parameters
                            .bool(inOrder)
                            .bigints(working.tokens())
                            .bool(!consumer.rules().groupsWaitForRedelivery())
                            .bool(grouped)
                            .integer(lapsed.mine())
                            .bool(lapsed.mayBeClaimed());
                    if (since != null) {
                        parameters.literal(since);
                    }
                },
                reader);
        return claimed;
    }

    /**
     * Adds a claim of ready rows in a transaction whose planner is pinned, see {@link io.sqlmq.engine.jdbc.PlannerPins}.
     *
     * @param held numbers of the rows that the transaction holds already
     * @param opening a query of one value that the claim runs first, to set something; null: none
     * @param signature what the transaction signs with
     */
    public List<Delivery> addReady(
            Pipeline pipeline,
            ChannelConsumer consumer,
            ClaimCursor.Ready where,
            int limit,
            Long[] held,
            @Nullable String opening,
            @Nullable Long signature) {
        ClaimCursor cursor = consumer.cursor();
        Channel channel = cursor.channel();
        List<Delivery> claimed = new ArrayList<>(Math.min(limit, 64));
        pipeline.query(
                ready.claim(where, held.length > 0, channel.sharesBodies(), opening),
                p -> {
                    p.bigintOrNull(signature);
                    bindLane(p, channel, where.range(), where.unlogged());
                    if (held.length > 0) {
                        p.bigints(held);
                    }
                    if (where.before() != null) {
                        bindLane(p, channel, where.before(), where.unlogged());
                    }
                    p.integer(limit);
                },
                rows -> {
                    String transaction = null;
                    while (rows.next()) {
                        Delivery delivery =
                                Rows.readyDelivery(rows, channel.name(), where.unlogged(), transaction, sql.most());
                        transaction = delivery.transaction;
                        claimed.add(delivery);
                    }
                });
        return claimed;
    }

    /**
     * Adds a look at where {@link ClaimCursor.Ready#before} is, in a transaction whose planner is pinned.
     *
     * @return whether nothing is there, to be asked when the pipeline has run
     */
    public BooleanSupplier addLookBefore(
            Pipeline pipeline, Channel channel, ClaimCursor.Ready where, ClaimCursor.RankRange before) {
        boolean[] any = new boolean[1];
        pipeline.query(
                ready.look(where), p -> bindLane(p, channel, before, where.unlogged()), rows -> any[0] = rows.next());
        return () -> !any[0];
    }

    /**
     * Adds a take of a ready row, in a transaction whose planner is pinned so that it can be undone.
     *
     * @param keepsExpired whether what has expired is not just dropped
     * @return filled with the row, which may have expired, when the pipeline has run
     */
    public List<Delivery> addTakeReady(
            Pipeline pipeline,
            ChannelConsumer consumer,
            ClaimCursor.Ready where,
            boolean keepsExpired,
            @Nullable Long signature) {
        Channel channel = consumer.cursor().channel();
        List<Delivery> taken = new ArrayList<>(1);
        pipeline.query(
                ready.take(where, channel.sharesBodies(), keepsExpired),
                p -> {
                    bindLane(p, channel, where.range(), where.unlogged());
                    if (where.before() != null) {
                        bindLane(p, channel, where.before(), where.unlogged());
                    }
                    p.integer(1).text(channel.name()).bigintOrNull(signature);
                },
                rows -> {
                    while (rows.next()) {
                        taken.add(Rows.readyDelivery(rows, channel.name(), where.unlogged(), null, sql.most()));
                    }
                });
        return taken;
    }

    private static void bindLane(Parameters p, Channel channel, ClaimCursor.RankRange range, boolean unlogged)
            throws SQLException {
        p.text(channel.name()).integer(range.from());
        p.bigint(unlogged ? range.unloggedFloor() : range.floor()).integer(range.to());
    }

    /**
     * What the caller works on already.
     *
     * @param numbers of rows that its transaction holds
     * @param tokens of its leases
     */
    public @SuppressWarnings("ArrayRecordComponent") // parameters of a statement, never compared
    record Held(Long[] numbers, Long[] tokens) {
        public static Held of(Collection<Delivery> deliveries) {
            return new Held(
                    deliveries.stream()
                            .filter(d -> d.state != Delivery.State.LEASED)
                            .map(d -> d.row().seq())
                            .toArray(Long[]::new),
                    deliveries.stream()
                            .filter(d -> d.state == Delivery.State.LEASED)
                            .map(d -> d.leaseToken)
                            .toArray(Long[]::new));
        }
    }

    /**
     * A claim brings up to {@code limit} messages of groups and as many others: leaves those before which nothing is
     * missing. The rest remains for the next claim, which takes it along with what comes before.
     */
    private static void cut(List<Delivery> claimed, int limit) {
        int grouped = 0;
        int last = 0;
        boolean more = false;
        for (int i = 0; i < claimed.size(); i++) {
            if (claimed.get(i).grouped) {
                grouped++;
                last = i;
                more |= claimed.get(i).cut;
            }
        }
        if (grouped == 0) {
            return;
        }
        int end = more || grouped >= limit ? last + 1 : claimed.size();
        claimed.subList(Math.min(limit, end), claimed.size()).clear();
    }

    /**
     * Adds the statement that tries to lock the groups of messages of one channel until the transaction ends.
     *
     * @param locked filled, when the pipeline has run, with the groups that the transaction has
     */
    public void addHoldGroups(Pipeline pipeline, List<Delivery> deliveries, Set<String> locked) {
        List<Delivery> grouped = deliveries.stream().filter(d -> d.grouped).toList();
        if (grouped.isEmpty()) {
            return;
        }
        String[] groups =
                grouped.stream().map(d -> d.row().headers().group()).distinct().toArray(String[]::new);
        String channel = grouped.get(0).row().channel();
        pipeline.query(sql.holdGroups, p -> p.texts(groups).text(channel), rows -> {
            while (rows.next()) {
                locked.add(rows.getString(1));
            }
        });
    }

    /** Adds a take, without a selection: claim and delete of one message. */
    public List<Delivery> addTake(
            Pipeline pipeline,
            ChannelConsumer consumer,
            Collection<String> own,
            @Nullable String expiredTo,
            @Nullable Long signature) {
        ClaimCursor cursor = consumer.cursor();
        List<ClaimCursor.RankRange> ranges = cursor.ranges();
        boolean unloggedFirst = cursor.unloggedFirst();
        boolean grouped = cursor.looksForGroups();
        List<Delivery> claimed = new ArrayList<>(1);
        pipeline.query(
                sql.take,
                parameters -> {
                    parameters.text(cursor.channel().name());
                    bindLanes(parameters, ranges, unloggedFirst);
                    parameters
                            .literal(xids(own))
                            .bool(consumer.rules().blocksWhileBackingOff())
                            .text(expiredTo);
                    bindGroupedFloors(parameters, ranges);
                    parameters
                            .bool(!consumer.rules().groupsWaitForRedelivery())
                            .bool(grouped)
                            .bigintOrNull(signature)
                            .integer(lapsed.mine())
                            .bool(lapsed.mayBeClaimed())
                            .literal(cursor.channel().waiting());
                },
                rows -> read(rows, cursor, claimed));
        return claimed;
    }

    private static void bindLanes(Parameters parameters, List<ClaimCursor.RankRange> ranges, boolean unloggedFirst)
            throws SQLException {
        parameters
                .smallints(ranges.stream().map(l -> (short) l.from()).toArray(Short[]::new))
                .smallints(ranges.stream().map(l -> (short) l.to()).toArray(Short[]::new))
                .bigints(ranges.stream().map(ClaimCursor.RankRange::floor).toArray(Long[]::new))
                .bigints(ranges.stream()
                        .map(ClaimCursor.RankRange::unloggedFloor)
                        .toArray(Long[]::new))
                .bool(unloggedFirst);
    }

    private static void bindGroupedFloors(Parameters parameters, List<ClaimCursor.RankRange> ranges)
            throws SQLException {
        parameters.bigints(
                ranges.stream().map(ClaimCursor.RankRange::groupedFloor).toArray(Long[]::new));
    }

    private static String xids(Collection<String> own) {
        return own.isEmpty() ? "{}" : "{" + String.join(",", own) + "}";
    }

    private static void read(ResultSet rows, ClaimCursor cursor, List<Delivery> into) throws SQLException {
        while (rows.next()) {
            into.add(Rows.delivery(rows, cursor.channel().name()));
        }
    }
}
