package io.sqlmq.engine.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Where the engine gets connections of one role. All are as {@link Tuning} leaves them, and given back by {@code close()}. */
public interface ConnectionSource {

    /** Is shown each connection before any statement of ours runs on it. */
    @FunctionalInterface
    interface Watcher {
        void watch(Connection connection) throws SQLException;
    }

    /** Who is shown all connections from now on; called once, before any is taken. */
    void watchedBy(Watcher watcher);

    /** For claiming and everything else that may be held while the application works. */
    Connection take() throws SQLException;

    /** Whether the planner is pinned on a connection that {@link #take} gave, and stays so: see {@link PlannerPins}. */
    default boolean isPlannerPinned(Connection connection) throws SQLException {
        return false;
    }

    /** For short statements that must not wait for a connection which the application holds: sends, wake-ups. */
    Connection takeForSend() throws SQLException;

    /** For branches of global transactions, and for listeners that hold one already: it need not wait until sessions end theirs. */
    Connection takeForBranch() throws SQLException;

    /** The host does not answer any more: idle connections to it are of no use. */
    default void hostIsGone() {
        reconnected();
    }

    /** The database was away and answers again: connections from before are of no use. */
    void reconnected();

    /** To see whether the server answers; not from a pool, where all may be waiting for something else, if it has others. */
    default Connection openForProbe() throws SQLException {
        return takeForSend();
    }

    /** A connection outside any pool for LISTEN, or null when this source has none to spare. */
    @Nullable
    Connection openForListen() throws SQLException;
}
