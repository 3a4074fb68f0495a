package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.channel.Owner;
import io.sqlmq.engine.jdbc.Housekeeping;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Sql;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/** Ends the leases of processes that are dead. Used by one thread at a time. */
public final class DeadProcesses {

    private final Housekeeping housekeeping;
    private final Sql sql;
    private final Owner owner;
    private final Looks looks;
    private Set<Integer> lookedDead = Set.of();

    public DeadProcesses(Housekeeping housekeeping, Sql sql, Owner owner, Looks looks) {
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
