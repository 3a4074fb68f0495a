package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.ClaimParts;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.send.SendParts;
import java.time.Duration;

/**
 * Makes the windows of an engine, and has what all of them use: a window is a handful of objects for each session, which
 * share all but their state. Thread-safe.
 */
public final class Windows {

    final EngineOptions options;
    final Database database;
    final Threads threads;
    final Statements sql;
    final ConsumerProcess owner;
    final Wakeups wakeups;
    final Upkeep upkeep;
    final Grace grace;
    final ClaimParts claims;
    final SendParts sends;
    final OpenWindows openWindows;

    public Windows(
            EngineOptions options,
            Database database,
            Threads threads,
            Statements sql,
            ConsumerProcess owner,
            Wakeups wakeups,
            Upkeep upkeep,
            Grace grace,
            ClaimParts claims,
            SendParts sends,
            OpenWindows openWindows) {
        this.options = options;
        this.database = database;
        this.threads = threads;
        this.sql = sql;
        this.owner = owner;
        this.wakeups = wakeups;
        this.upkeep = upkeep;
        this.grace = grace;
        this.claims = claims;
        this.sends = sends;
        this.openWindows = openWindows;
    }

    /** A window for one session. No SQL, no connection. */
    public Window open(Window.Mode mode) {
        return new Window(this, mode, options.receiving().groupedWork());
    }

    /** For one session, in {@link Window.Mode#GROUPED}: with groups of so much work, or more by the options. */
    public Window openGrouped(Duration work) {
        Duration usual = options.receiving().groupedWork();
        return new Window(this, Window.Mode.GROUPED, work.compareTo(usual) > 0 ? work : usual);
    }
}
