package io.sqlmq.engine.claim;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Sql;
import io.sqlmq.engine.model.Delivery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What transactions of others, branches or the application's, had taken and have given back by their rollback. Whoever
 * claims such a row finds that its last delivery failed, and counts that; here it is done at once for the rows that nobody
 * has touched, so that they are due together and in their order. Rows of groups are left to whoever claims them with the
 * lock of their group. Stateless.
 */
public final class RolledBack {
    private final Engine engine;

    public RolledBack(Engine engine) {
        this.engine = engine;
    }

    /**
     * Counts on a connection from the pool; what fails is left to whoever claims the messages.
     *
     * @param error why the transaction was rolled back, as far as that is known
     */
    public void count(Collection<Delivery> taken, @Nullable String error) {
        if (taken.isEmpty()) {
            return;
        }
        try {
            Connection free = engine.connections().takeForSend();
            try {
                count(free, taken, error);
            } finally {
                Failures.rollBackAndClose(free);
            }
        } catch (SQLException e) {
            engine.log().debug("The messages of a transaction are counted when they are claimed", e);
        }
    }

    /** As {@link #count(Collection, String)}, on a connection without a transaction. */
    public void count(Connection free, Collection<Delivery> taken, @Nullable String error) throws SQLException {
        engine.wakeups().groupsReleased(taken);
        List<Delivery> plain = taken.stream().filter(d -> !d.grouped).toList();
        if (plain.isEmpty()) {
            return;
        }
        Set<UUID> untouched = new HashSet<>();
        Pipeline lock = new Pipeline().add(Sql.BEGIN);
        for (boolean twin : new boolean[] {false, true}) {
            List<Delivery> rows = plain.stream().filter(d -> d.twin() == twin).toList();
            if (!rows.isEmpty()) {
                lock.query(
                        engine.sql().lockUntouched(twin),
                        p -> p.tids(rows.stream().map(d -> d.tid).toList())
                                .uuids(rows.stream().map(d -> d.row().id()).toArray(UUID[]::new)),
                        found -> {
                            while (found.next()) {
                                untouched.add(found.getObject(1, UUID.class));
                            }
                        });
            }
        }
        lock.run(free);
        List<Delivery> failed =
                plain.stream().filter(d -> untouched.contains(d.row().id())).toList();
        Pipeline count = new Pipeline();
        if (!failed.isEmpty()) {
            engine.giveBacks().add(count, failed, GiveBacks.Kind.BY_RULES, error);
        }
        count.add(Sql.COMMIT).run(free);
        engine.wakeups().givenBack(failed);
    }
}
