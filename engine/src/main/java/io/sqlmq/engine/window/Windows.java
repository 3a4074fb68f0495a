package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Owner;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.Claims;
import io.sqlmq.engine.claim.GiveBacks;
import io.sqlmq.engine.claim.Leases;
import io.sqlmq.engine.claim.Payloads;
import io.sqlmq.engine.claim.ReadySql;
import io.sqlmq.engine.claim.Repair;
import io.sqlmq.engine.claim.RolledBack;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Sql;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.send.MessageWriter;
import io.sqlmq.engine.send.Outcomes;

/**
 * Makes the windows of an engine, and has what all of them use: a window is a handful of objects for each session, which
 * share all but their state. Thread-safe.
 */
public final class Windows {

    final EngineOptions options;
    final Database database;
    final Threads threads;
    final Sql sql;
    final ReadySql ready;
    final Owner owner;
    final Wakeups wakeups;
    final Upkeep upkeep;
    final Grace grace;
    final Signatures signatures;
    final Claims claims;
    final Leases leases;
    final GiveBacks giveBacks;
    final Repair repair;
    final RolledBack rolledBack;
    final Payloads payloads;
    final MessageWriter writer;
    final Outcomes outcomes;
    final OpenWindows openWindows;

    public Windows(
            EngineOptions options,
            Database database,
            Threads threads,
            Sql sql,
            ReadySql ready,
            Owner owner,
            Wakeups wakeups,
            Upkeep upkeep,
            Grace grace,
            Signatures signatures,
            Claims claims,
            Leases leases,
            GiveBacks giveBacks,
            Repair repair,
            RolledBack rolledBack,
            Payloads payloads,
            MessageWriter writer,
            Outcomes outcomes,
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
        this.giveBacks = giveBacks;
        this.repair = repair;
        this.rolledBack = rolledBack;
        this.payloads = payloads;
        this.writer = writer;
        this.outcomes = outcomes;
        this.openWindows = openWindows;
    }

    /** A window for one session. No SQL, no connection. */
    public Window open(Window.Mode mode) {
        return new Window(this, mode);
    }
}
