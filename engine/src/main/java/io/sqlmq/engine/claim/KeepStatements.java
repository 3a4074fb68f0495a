package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Keeps what is acknowledged, where that is asked for ({@link Delivery#keepMillis}). Stateless. */
public final class KeepStatements {

    private KeepStatements() {}

    /**
     * Adds the statement that comes before the one which acknowledges these, in the same transaction; none, where nothing is kept.
     *
     * @param owner whose leases they are under
     * @param leased whether only those are kept whose lease is still the owner's
     */
    public static void add(
            Pipeline pipeline, Statements sql, Collection<Delivery> acknowledged, int owner, boolean leased) {
        List<Delivery> kept = acknowledged.stream()
                .filter(d -> d.keepMillis > 0 && !d.unlogged())
                .toList();
        if (kept.isEmpty()) {
            return;
        }
        int n = kept.size();
        String[] channels = new String[n];
        UUID[] ids = new UUID[n];
        @Nullable Long[] tokens = new Long[n];
        @Nullable Long[] worked = new Long[n];
        Long[] millis = new Long[n];
        for (int i = 0; i < n; i++) {
            Delivery delivery = kept.get(i);
            channels[i] = delivery.row().channel();
            ids[i] = delivery.row().id();
            tokens[i] = leased ? (Long) delivery.leaseToken : null;
            worked[i] = delivery.workedMillis();
            millis[i] = delivery.keepMillis;
        }
        pipeline.query(
                sql.keepCompleted,
                p -> p.texts(channels)
                        .uuids(ids)
                        .integer(owner)
                        .bigints(tokens)
                        .bigints(worked)
                        .bigints(millis),
                rows -> {});
    }
}
