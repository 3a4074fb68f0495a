package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.ClaimStatements;
import io.sqlmq.engine.claim.Leases;
import io.sqlmq.engine.claim.Payloads;
import io.sqlmq.engine.claim.PendingAcks;
import io.sqlmq.engine.claim.ReadyClaimStatements;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.claim.RolledBack;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.send.CommitOutcomeResolver;
import io.sqlmq.engine.send.MessageWriter;

/**
 * Makes the windows of an engine, and has what all of them use: a window is a handful of objects for each session, which
 * share all but their state. Thread-safe.
 */
public final class Windows {

    final EngineOptions options;
    final Database database;
    final Threads threads;
    final Statements sql;
    final ReadyClaimStatements ready;
    final ConsumerProcess owner;
    final Wakeups wakeups;
    final Upkeep upkeep;
    final Grace grace;
    final Signatures signatures;
    final ClaimStatements claims;
    final Leases leases;
    final RequeueStatements requeues;
    final PendingAcks pendingAcks;
    final RolledBack rolledBack;
    final Payloads payloads;
    final MessageWriter writer;
    final CommitOutcomeResolver commitOutcomes;
    final OpenWindows openWindows;

    public Windows(
            EngineOptions options,
            Database database,
            Threads threads,
            Statements sql,
            ReadyClaimStatements ready,
            ConsumerProcess owner,
            Wakeups wakeups,
            Upkeep upkeep,
            Grace grace,
            Signatures signatures,
            ClaimStatements claims,
            Leases leases,
            RequeueStatements requeues,
            PendingAcks pendingAcks,
            RolledBack rolledBack,
            Payloads payloads,
            MessageWriter writer,
            CommitOutcomeResolver commitOutcomes,
            OpenWindows openWindows) {
        this.options = options;
        this.database = database;
        this.threads = threads;
        this.sql = sql;
        this.ready = ready;
        this.owner = owner;
        this.wakeups = wakeups;
        this.upkeep = upkeep;
        this.grace = grace;
        this.signatures = signatures;
        this.claims = claims;
        this.leases = leases;
        this.requeues = requeues;
        this.pendingAcks = pendingAcks;
        this.rolledBack = rolledBack;
        this.payloads = payloads;
        this.writer = writer;
        this.commitOutcomes = commitOutcomes;
        this.openWindows = openWindows;
    }

    /** A window for one session. No SQL, no connection. */
    public Window open(Window.Mode mode) {
        return new Window(this, mode);
    }
}
