package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.model.Selection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The parameters of one claim with a selection, see {@link SelectiveClaimStatements}. */
record SelectiveClaimParameters(
        ChannelConsumer consumer,
        Selection selection,
        int limit,
        ClaimStatements.Held held,
        String own,
        @Nullable Long signature,
        LapsedLeases lapsed,
        @Nullable String since) {

    /** Of {@link SelectiveClaimStatements#hold}. */
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
        bindLanes(p, ClaimCursor.RankRange::groupedFloor);
        bindRows(p);
    }

    /** Of {@link SelectiveClaimStatements#claim}. */
    void bind(Parameters p) throws SQLException {
        p.bigint(limit);
        bindSince(p);
        bindDue(p);
        bindGroups(p);
        if (since != null) {
            bindDue(p);
            bindGroups(p);
        }
        bindLanes(p, ClaimCursor.RankRange::groupedFloor);
        bindRows(p);
        bindGroups(p);
        for (boolean unlogged : new boolean[] {false, true}) {
            bindDue(p);
            if (since != null) {
                bindDue(p);
            }
            bindLanes(p, unlogged ? ClaimCursor.RankRange::unloggedFloor : ClaimCursor.RankRange::floor);
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
        p.text(channel()).integer(lapsed.mine()).bool(lapsed.mayBeClaimed());
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

    private void bindLanes(Parameters p, ToLongFunction<ClaimCursor.RankRange> floor) throws SQLException {
        List<ClaimCursor.RankRange> ranges = consumer.cursor().ranges();
        p.smallints(ranges.stream().map(l -> (short) l.from()).toArray(Short[]::new))
                .smallints(ranges.stream().map(l -> (short) l.to()).toArray(Short[]::new))
                .bigints(ranges.stream().map(l -> floor.applyAsLong(l)).toArray(Long[]::new));
    }

    private String channel() {
        return consumer.channel();
    }

    private boolean overtake() {
        return !consumer.rules().groupsWaitForRedelivery();
    }
}
