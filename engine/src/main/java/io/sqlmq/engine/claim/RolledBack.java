package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What transactions of others, branches or the application's, had taken and have given back by their rollback. Whoever
 * claims such a row finds that its last delivery failed, and counts that; here it is done at once for the rows that nobody
 * has touched, so that they are due together and in their order. Rows of groups are left to whoever claims them with the
 * lock of their group. Stateless.
 */
public final class RolledBack {

    private static final Logger LOG = LoggerFactory.getLogger(RolledBack.class);
    private final Database database;
    private final Statements sql;
    private final RequeueStatements requeues;
    private final Wakeups wakeups;

    public RolledBack(Database database, Statements sql, RequeueStatements requeues, Wakeups wakeups) {
        this.database = database;
        this.sql = sql;
        this.requeues = requeues;
        this.wakeups = wakeups;
    }

    /** Counts failed deliveries while the caller's transaction goes on; {@code all} were locked by it until just now. */
    public void countFromSide(List<Delivery> suspects, List<Delivery> all) throws SQLException {
        List<Delivery> others = new ArrayList<>(all);
        others.removeAll(suspects);
        Pipeline pipeline = new Pipeline();
        requeues.addFromSide(pipeline, suspects, RequeueStatements.Kind.AS_SUSPECT);
        if (!others.isEmpty()) {
            requeues.addFromSide(pipeline, others, RequeueStatements.Kind.RELEASED);
        }
        database.run(pipeline);
        wakeups.givenBack(all);
    }

    /**
     * Counts on a connection from the pool; what fails is left to whoever claims the messages.
     *
     * @param error why the transaction was rolled back, as far as that is known
     * @return what was counted
     */
    public List<Delivery> count(Collection<Delivery> taken, @Nullable String error) {
        if (taken.isEmpty()) {
            return List.of();
        }
        try {
            Connection free = database.connections().takeForSend();
            try {
                return count(free, taken, error);
            } finally {
                Failures.rollBackAndClose(free);
            }
        } catch (SQLException e) {
            LOG.debug("The messages of a transaction are counted when they are claimed", e);
            return List.of();
        }
    }

    /** As {@link #count(Collection, String)}, on a connection without a transaction. */
    public List<Delivery> count(Connection free, Collection<Delivery> taken, @Nullable String error)
            throws SQLException {
        wakeups.groupsReleased(taken);
        List<Delivery> plain = taken.stream().filter(d -> !d.grouped).toList();
        if (plain.isEmpty()) {
            return List.of();
        }
        Set<UUID> untouched = new HashSet<>();
        Pipeline lock = new Pipeline().add(Statements.BEGIN);
        for (boolean unlogged : new boolean[] {false, true}) {
            List<Delivery> rows =
                    plain.stream().filter(d -> d.unlogged() == unlogged).toList();
            if (!rows.isEmpty()) {
                lock.query(
                        sql.lockUntouched(unlogged),
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
            requeues.addFailed(count, failed, error);
        }
        count.add(Statements.COMMIT).run(free);
        wakeups.givenBack(failed);
        return failed;
    }
}
