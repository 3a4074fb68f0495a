package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process renews together the leases that it knows of, and ends those that are in its name and that it does not know of.
 * Thread-safe.
 */
public final class LeaseExtension {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseExtension.class);

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final Statements sql;
    private final Duration leaseTime;
    private final Wakeups wakeups;
    private final ConsumerProcess owner;
    private final Grace grace;
    private final HeldLeases held;

    public LeaseExtension(
            Database database,
            HousekeepingConnection housekeeping,
            Statements sql,
            Duration leaseTime,
            Wakeups wakeups,
            ConsumerProcess owner,
            Grace grace,
            HeldLeases held) {
        this.database = database;
        this.housekeeping = housekeeping;
        this.sql = sql;
        this.leaseTime = leaseTime;
        this.wakeups = wakeups;
        this.owner = owner;
        this.grace = grace;
        this.held = held;
    }

    /** Moves the end of the leases that this process knows of on, and ends the others that are in its name. */
    public void renew() throws SQLException {
        if (owner.idIfKnown() == 0) {
            return;
        }
        Renewal renewal = new Renewal();
        long sent = System.nanoTime();
        if (renewal.known.ids().isEmpty()) {
            housekeeping.run(renewal.pipeline());
        } else {
            database.run(renewal.pipeline());
        }
        grace.answered(sent);
        renewal.tellFreed();
    }

    /** As {@link #renew}, before anything else happens after an outage, on the first connection. */
    public void reconcile(Connection connection) throws SQLException {
        if (owner.idIfKnown() != 0) {
            Renewal renewal = new Renewal();
            renewal.pipeline().run(connection);
            renewal.tellFreed();
        }
    }

    /** The statement that renews them, and whose leases it has ended. */
    private final class Renewal {
        private final HeldLeases.Known known = held.known();
        private final Set<String> freed = new TreeSet<>();

        Pipeline pipeline() {
            return new Pipeline()
                    .query(
                            sql.renewLeases,
                            p -> p.integer(owner.idIfKnown())
                                    .bigint(leaseTime.toMillis())
                                    .uuids(known.ids().toArray(UUID[]::new))
                                    .bigints(known.tokens().toArray(Long[]::new))
                                    .bigint(known.none())
                                    .bigint(known.last())
                                    .bigints(known.busy().toArray(Long[]::new)),
                            rows -> {
                                while (rows.next()) {
                                    freed.add(rows.getString(1));
                                }
                            });
        }

        void tellFreed() {
            if (!freed.isEmpty()) {
                LOG.info("Let go of messages whose acknowledgement or lease was lost: {}", freed);
            }
            freed.forEach(channel -> wakeups.letGo(channel));
        }
    }
}
