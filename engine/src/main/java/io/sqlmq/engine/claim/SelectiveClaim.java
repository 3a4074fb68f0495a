package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.Head;
import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.model.Selection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The parameters of one claim with a selection, see {@link SelectiveSql}. */
record SelectiveClaim(
        ChannelConsumer consumer,
        Selection selection,
        int limit,
        Claims.Held held,
        String own,
        @Nullable Long signature,
        Leases leases,
        @Nullable String since) {

    /** Of {@link SelectiveSql#hold}. */
    void bindHold(Parameters p) throws SQLException {
        bindSince(p);
        p.text(channel())
                .bigint(limit)
                .bigints(held.numbers())
                .bigints(held.tokens())
                .bool(overtake());
        bindDue(p);
        if (since != null) {
            bindDue(p);
        }
        bindLanes(p, Head.Lane::groupedFloor);
        bindRows(p);
    }

    /** Of {@link SelectiveSql#claim}. */
    void bind(Parameters p) throws SQLException {
        p.bigint(limit);
        bindSince(p);
        bindDue(p);
        bindGroups(p);
        if (since != null) {
            bindDue(p);
            bindGroups(p);
        }
        bindLanes(p, Head.Lane::groupedFloor);
        bindRows(p);
        bindGroups(p);
        for (boolean twin : new boolean[] {false, true}) {
            bindDue(p);
            if (since != null) {
                bindDue(p);
            }
            bindLanes(p, twin ? Head.Lane::twinFloor : Head.Lane::floor);
            bindRows(p);
        }
        p.bigintOrNull(signature);
    }

    private void bindSince(Parameters p) throws SQLException {
        if (since != null) {
            p.literal(since);
        }
    }

    private void bindDue(Parameters p) throws SQLException {
        p.text(channel()).integer(leases.owner()).bool(leases.lapse());
        bindSelected(p);
    }

    private void bindRows(Parameters p) throws SQLException {
        p.text(channel());
        bindSelected(p);
    }

    private void bindSelected(Parameters p) throws SQLException {
        p.bigints(held.numbers()).literal(own).values(selection.parameters());
    }

    private void bindGroups(Parameters p) throws SQLException {
        p.bigints(held.numbers()).bigints(held.tokens()).bool(overtake());
    }

    private void bindLanes(Parameters p, ToLongFunction<Head.Lane> floor) throws SQLException {
        List<Head.Lane> lanes = consumer.head().lanes();
        p.smallints(lanes.stream().map(l -> (short) l.from()).toArray(Short[]::new))
                .smallints(lanes.stream().map(l -> (short) l.to()).toArray(Short[]::new))
                .bigints(lanes.stream().map(l -> floor.applyAsLong(l)).toArray(Long[]::new));
    }

    private String channel() {
        return consumer.channel();
    }

    private boolean overtake() {
        return !consumer.rules().groupsWaitForRedelivery();
    }
}
