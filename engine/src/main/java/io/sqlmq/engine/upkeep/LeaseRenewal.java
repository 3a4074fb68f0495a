package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.claim.LeaseExtension;
import io.sqlmq.engine.jdbc.Outage;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import java.sql.SQLException;
import java.time.Duration;

/** Renews the leases of this process, and tries again until it is done: there is not much time for it. Thread-safe. */
public final class LeaseRenewal {

    private final Threads threads;
    private final LeaseExtension leases;
    private final Duration leaseTime;
    private final Job job;

    public LeaseRenewal(Threads threads, Recurring recurring, LeaseExtension leases, Duration leaseTime) {
        this.threads = threads;
        this.leases = leases;
        this.leaseTime = leaseTime;
        this.job = new Job(threads, recurring, "the renewal of leases", this::renew);
    }

    long everyMillis() {
        return leaseTime.toMillis() / 3;
    }

    /** Has them renewed soon. */
    public void start() {
        job.start();
    }

    private void renew() throws SQLException {
        try {
            leases.renew();
        } catch (SQLException e) {
            threads.schedule(() -> threads.workers().execute(this::start), Outage.PROBE_MILLIS);
            throw e;
        }
    }
}
