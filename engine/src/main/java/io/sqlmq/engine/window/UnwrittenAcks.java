package io.sqlmq.engine.window;

import io.sqlmq.engine.claim.KeepStatements;
import io.sqlmq.engine.claim.Located;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is acknowledged in a window and not written yet. Guarded by the window's lock. */
final class UnwrittenAcks {

    private final Windows shared;
    private final Window.Mode mode;
    private final ClaimSize size;
    private final List<Delivery> waiting = new ArrayList<>();

    UnwrittenAcks(Windows shared, Window.Mode mode, ClaimSize size) {
        this.shared = shared;
        this.mode = mode;
        this.size = size;
    }

    void add(Delivery delivery) {
        delivery.state = State.ACKNOWLEDGED;
        waiting.add(delivery);
    }

    void removeAll(Collection<Delivery> deliveries) {
        waiting.removeAll(deliveries);
    }

    void clear() {
        waiting.clear();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    List<Delivery> all() {
        return List.copyOf(waiting);
    }

    Delivery last() {
        return waiting.get(waiting.size() - 1);
    }

    /** Adds the statement that writes what waits, if something does. */
    void addTo(Pipeline pipeline, boolean relaxed, @Nullable Transaction current) {
        if (!waiting.isEmpty()) {
            add(pipeline, waiting, relaxed, current);
        }
    }

    /**
     * Adds the statement that acknowledges these.
     *
     * @param relaxed whether the commit need not wait for the disk
     * @param current the transaction that it runs in, if there is one
     */
    void add(Pipeline pipeline, List<Delivery> deliveries, boolean relaxed, @Nullable Transaction current) {
        boolean relax = relaxed || (!mode.isTransacted() && deliveries.stream().allMatch(Delivery::unlogged));
        boolean pinned = current != null && current.isPlannerPinned();
        if (current != null && current.isRelaxed() && !relax) {
            pipeline.add(Statements.STRICT_COMMIT);
        }
        KeepStatements.add(pipeline, shared.sql, deliveries, 0, false);
        for (Located rows : Located.of(deliveries)) {
            if (pinned) {
                boolean relaxes = relax && !current.isRelaxed();
                addDelete(pipeline, rows.channel(), rows.tids(), false, relaxes);
                addDelete(pipeline, rows.channel(), rows.unloggedTids(), true, relaxes);
            } else {
                pipeline.query(
                        shared.sql.ack,
                        p -> p.text(rows.channel())
                                .tids(rows.tids())
                                .tids(rows.unloggedTids())
                                .bool(relax),
                        acknowledged -> {});
            }
        }
    }

    private void addDelete(Pipeline pipeline, String channel, List<String> places, boolean unlogged, boolean relaxes) {
        if (!places.isEmpty()) {
            pipeline.add(
                    shared.claims.ready().delete(unlogged, relaxes),
                    p -> p.text(channel).tids(places));
        }
    }

    /** What waited is written. */
    void written() {
        if (!mode.endsAtAcknowledgeAll()) {
            size.ended(waiting.size());
        }
        waiting.forEach(d -> d.state = State.DONE);
        shared.claims.payloads().released(waiting);
        shared.claims.listeners().acknowledged(waiting);
        waiting.clear();
    }

    /** The transaction that was to write them is gone. */
    void lose() {
        waiting.forEach(d -> d.state = State.LOST);
        waiting.clear();
    }
}
