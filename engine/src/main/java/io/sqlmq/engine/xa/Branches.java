package io.sqlmq.engine.xa;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.ClaimParts;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.send.SendParts;
import io.sqlmq.engine.window.JoinedReceiving;
import java.time.Duration;

/** Makes branches, and has what all of them use. Thread-safe. */
public final class Branches {

    final Duration transactionTimeout;
    final Database database;
    final Threads threads;
    final Wakeups wakeups;
    final ClaimParts claims;
    final SendParts sends;
    final JoinedReceiving joinedReceiving;
    final PreparedBranches preparedBranches;

    public Branches(
            Duration transactionTimeout,
            Database database,
            Threads threads,
            Wakeups wakeups,
            ClaimParts claims,
            SendParts sends,
            JoinedReceiving joinedReceiving,
            PreparedBranches preparedBranches) {
        this.transactionTimeout = transactionTimeout;
        this.database = database;
        this.threads = threads;
        this.wakeups = wakeups;
        this.claims = claims;
        this.sends = sends;
        this.joinedReceiving = joinedReceiving;
        this.preparedBranches = preparedBranches;
    }

    /**
     * A transaction that a transaction manager ends. No SQL, no connection.
     *
     * @param name distinguishes it from all others of the schema; at most {@link PreparedBranches#NAME_LENGTH} bytes
     */
    public Branch open(String name) {
        return new Branch(this, name);
    }
}
