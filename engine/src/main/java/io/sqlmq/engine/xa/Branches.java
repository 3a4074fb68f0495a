package io.sqlmq.engine.xa;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.KnownFailures;
import io.sqlmq.engine.claim.Payloads;
import io.sqlmq.engine.claim.RolledBack;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.send.CommitOutcomeResolver;
import io.sqlmq.engine.send.MessageWriter;
import io.sqlmq.engine.window.JoinedReceiving;

/** Makes branches, and has what all of them use. Thread-safe. */
public final class Branches {

    final EngineOptions options;
    final Database database;
    final Threads threads;
    final Wakeups wakeups;
    final KnownFailures knownFailures;
    final RolledBack rolledBack;
    final Payloads payloads;
    final MessageWriter writer;
    final CommitOutcomeResolver commitOutcomes;
    final JoinedReceiving joinedReceiving;
    final PreparedBranches preparedBranches;

    public Branches(
            EngineOptions options,
            Database database,
            Threads threads,
            Wakeups wakeups,
            KnownFailures knownFailures,
            RolledBack rolledBack,
            Payloads payloads,
            MessageWriter writer,
            CommitOutcomeResolver commitOutcomes,
            JoinedReceiving joinedReceiving,
            PreparedBranches preparedBranches) {
        this.options = options;
        this.database = database;
        this.threads = threads;
        this.wakeups = wakeups;
        this.knownFailures = knownFailures;
        this.rolledBack = rolledBack;
        this.payloads = payloads;
        this.writer = writer;
        this.commitOutcomes = commitOutcomes;
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
