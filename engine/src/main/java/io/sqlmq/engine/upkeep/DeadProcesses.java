package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Ends the leases of processes that are dead. Used by one thread at a time. */
public final class DeadProcesses {

    private final HousekeepingConnection housekeeping;
    private final Statements sql;
    private final ConsumerProcess owner;
    private final Looks looks;
    private Set<Integer> lookedDead = Set.of();

    public DeadProcesses(HousekeepingConnection housekeeping, Statements sql, ConsumerProcess owner, Looks looks) {
        this.housekeeping = housekeeping;
        this.sql = sql;
        this.owner = owner;
        this.looks = looks;
    }

    /** Ends leases of processes that looked dead now and the time before: one may be about to reconnect. */
    public void endLeases() throws SQLException {
        int me = owner.idIfKnown();
        Set<Integer> dead = new HashSet<>();
        Pipeline find = new Pipeline();
        find.query(sql.deadOwners, p -> p.integer(me), rows -> {
            while (rows.next()) {
                dead.add(rows.getInt(1));
            }
        });
        housekeeping.run(find);
        Integer[] surely = dead.stream().filter(lookedDead::contains).toArray(Integer[]::new);
        lookedDead = dead;
        if (surely.length == 0) {
            return;
        }
        Pipeline free = new Pipeline();
        free.query(sql.endLeases, p -> p.integers(surely).integers(surely), rows -> {
            while (rows.next()) {
                looks.wakeIn(rows.getString(1), 0);
            }
        });
        housekeeping.run(free);
    }
}
