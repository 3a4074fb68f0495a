package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.Delivery;
import org.jspecify.annotations.Nullable;

/**
 * Slots of limited channels (mq_limits): each delivery has one, by the lock of its row while it is in a transaction, and by its id while
 * it is leased. So a slot is free again when the delivery ends, however that comes about. Thread-safe.
 */
public final class LimitSlots {

    /** What a transaction holds for one delivery, when the pipeline has run. */
    public static final class Held {
        private @Nullable String running;
        private @Nullable String starts;
        private final boolean inSavepoint;
        private boolean any;
        private double wait;

        private Held(boolean inSavepoint) {
            this.inSavepoint = inSavepoint;
        }

        /** Whether it holds what a delivery needs. */
        public boolean any() {
            return any;
        }

        /** Whether they are held, and the claim is made, in a subtransaction. */
        public boolean inSavepoint() {
            return inSavepoint;
        }

        /** Otherwise: after how many milliseconds to ask again. */
        public double waitMillis() {
            return wait;
        }
    }

    private static final String SAVEPOINT = "SAVEPOINT sqlmq_slot";
    private static final String RELEASE_SAVEPOINT = "RELEASE SAVEPOINT sqlmq_slot";
    private static final String ROLLBACK_TO_SAVEPOINT = "ROLLBACK TO SAVEPOINT sqlmq_slot";

    private final String hold;
    private final String fill;

    public LimitSlots(String schema) {
        hold = "SELECT slots, begins, count, wait FROM " + schema + ".mq_hold_slots(?, 1)";
        fill = "SELECT " + schema + ".mq_fill_slots(?, ?::integer[], ?::integer[], ARRAY[?::uuid])";
    }

    /**
     * Adds what holds slots for one delivery; has to be sent before the claim.
     *
     * @param inSavepoint whether {@link #addLetGo} may follow, since the transaction goes on also if nothing is claimed
     */
    public Held addHold(Pipeline pipeline, String channel, boolean inSavepoint) {
        Held held = new Held(inSavepoint);
        if (inSavepoint) {
            pipeline.add(SAVEPOINT);
        }
        pipeline.query(hold, p -> p.text(channel), rows -> {
            rows.next();
            held.running = rows.getString(1);
            held.starts = rows.getString(2);
            held.any = rows.getInt(3) > 0;
            held.wait = rows.getDouble(4);
        });
        return held;
    }

    /** Adds what lets go of slots that are held in a savepoint. */
    public static void addLetGo(Pipeline pipeline) {
        pipeline.add(ROLLBACK_TO_SAVEPOINT).add(RELEASE_SAVEPOINT);
    }

    /** Adds what gives them to what was claimed; before anything else is done with that. */
    public void addFill(Pipeline pipeline, Held held, Delivery delivery) {
        pipeline.query(
                fill,
                p -> p.text(delivery.row().channel())
                        .literal(held.running)
                        .literal(held.starts)
                        .uuid(delivery.row().id()),
                rows -> {});
        if (held.inSavepoint) {
            pipeline.add(RELEASE_SAVEPOINT);
        }
    }
}
