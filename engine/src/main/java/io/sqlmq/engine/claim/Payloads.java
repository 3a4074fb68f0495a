package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.Delivery;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Shared bodies whose last row may be gone. They are deleted a little later, in a transaction of their own, because of
 * two transactions that delete the last two rows neither sees the other. What is forgotten here (a crash, a joined
 * transaction) is found by a slow sweep. Thread-safe.
 */
public final class Payloads {

    private static final long PAUSE_MILLIS = 50;
    private static final int BATCH = 1_000;
    private static final UUID FIRST = new UUID(0, 0);

    private final Database database;
    private final Recurring recurring;
    private final Threads threads;
    private final TopicStatements topicSql;
    private final ConcurrentLinkedQueue<UUID> released = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private @Nullable UUID sweptTo;

    public Payloads(Database database, Recurring recurring, Threads threads, TopicStatements topicSql) {
        this.database = database;
        this.recurring = recurring;
        this.threads = threads;
        this.topicSql = topicSql;
    }

    /** The rows of these messages are deleted. */
    public void released(Collection<Delivery> deliveries) {
        boolean any = false;
        for (Delivery delivery : deliveries) {
            if (delivery.payloadId != null) {
                released.add(delivery.payloadId);
                any = true;
            }
        }
        if (any && scheduled.compareAndSet(false, true)) {
            threads.schedule(() -> threads.workers().execute(this::drop), PAUSE_MILLIS);
        }
    }

    private void drop() {
        scheduled.set(false);
        while (!released.isEmpty()) {
            List<UUID> batch = new ArrayList<>();
            for (UUID id = released.poll(); id != null; id = batch.size() < BATCH ? released.poll() : null) {
                batch.add(id);
            }
            Pipeline pipeline = new Pipeline()
                    .add(Statements.BEGIN)
                    .add(Statements.RELAXED_COMMIT)
                    .query(
                            topicSql.dropPayloads,
                            p -> p.uuids(batch.stream().distinct().toArray(UUID[]::new)),
                            rows -> {})
                    .add(Statements.COMMIT);
            recurring.run("deleting shared bodies after their last message", () -> database.run(pipeline));
        }
    }

    /** Looks at some more bodies; called now and then by one thread at a time. */
    public void sweep() throws SQLException {
        UUID after = sweptTo == null ? FIRST : sweptTo;
        UUID[] next = new UUID[1];
        database.run(new Pipeline()
                .query(topicSql.sweepPayloads, p -> p.uuid(after).integer(BATCH), rows -> {
                    rows.next();
                    next[0] = rows.getObject(1, UUID.class);
                }));
        sweptTo = next[0];
    }
}
