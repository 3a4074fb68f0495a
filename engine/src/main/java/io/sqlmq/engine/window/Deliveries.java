package io.sqlmq.engine.window;

import io.sqlmq.engine.model.Delivery;
import java.util.ArrayList;
import java.util.List;

/**
 * The deliveries of a window, by where they stand. Guarded by the window's lock.
 *
 * @param unseen claimed and not handed over
 * @param handed handed over, neither acknowledged nor given back
 * @param acknowledged acknowledged and not written
 */
record Deliveries(Unseen unseen, HandedOver handed, UnwrittenAcks acknowledged) {

    /** The rows that the open transaction holds, so that it does not claim them again. */
    List<Delivery> rows() {
        List<Delivery> rows = new ArrayList<>(acknowledged.all());
        rows.addAll(handed.kept());
        rows.addAll(unseen.all());
        return rows;
    }
}
