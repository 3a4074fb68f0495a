package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The receiving (and, transacted, sending) side of one session in the database: a transaction that claims messages by
 * row lock, hands them over, and deletes what was acknowledged when it commits. Between windows nothing is open and no
 * connection is held.
 *
 * <p>Life of a delivery: claimed and unseen, handed over by {@link #next}, then acknowledged or given back. A
 * non-transacted window that lives longer than about 100 ms turns what is handed over into leases and lets the rest go;
 * a transacted one lets go what nobody has seen and, if nothing is handed over, ends.
 *
 * <p>One thread at a time calls it (the session's), except {@link #release}, {@link #releaseUnseen} and {@link #close},
 * which any thread may call. After an SQLException nothing is open any more: in non-transacted windows what was
 * acknowledged but not written is acknowledged in the background by the engine, everything else becomes available
 * again; in transacted ones the whole transaction is rolled back.
 */
public final class Window implements AutoCloseable {

    /** How a window ends. */
    public enum Mode {
        /** When the application commits. */
        TRANSACTED,
        /** AUTO, receive(): {@link #acknowledge} writes at once. */
        EACH,
        /** AUTO listeners and DUPS_OK: {@link #acknowledge} writes after a bounded amount of work. */
        GROUPED,
        /** CLIENT: at {@link #acknowledgeAll}. */
        CLIENT,
        /** Each message leased before it is handed over, acknowledged on its own. */
        INDIVIDUAL
    }

    /**
     * The next message for {@code consumer}, or null when none can be claimed now. The message counts as handed over
     * from here on.
     */
    public @Nullable Delivery next(ChannelConsumer consumer) throws SQLException {
        throw new AssertionError("contract");
    }

    /**
     * As {@link #next}, but the hand-over is taken back: the message is unseen again and comes next. For
     * receiveBody of the wrong type.
     */
    public void putBack(Delivery delivery) {
        throw new AssertionError("contract");
    }

    /** EACH, GROUPED, INDIVIDUAL: acknowledges one message that was handed over. */
    public void acknowledge(Delivery delivery) throws SQLException {
        throw new AssertionError("contract");
    }

    /** GROUPED: writes what is acknowledged and not written yet (recover, stop, close). */
    public void flush() throws SQLException {
        throw new AssertionError("contract");
    }

    /** CLIENT: acknowledges everything handed over and not given back. */
    public void acknowledgeAll() throws SQLException {
        throw new AssertionError("contract");
    }

    /**
     * All but TRANSACTED: gives back what is named, at once and in the original order, counted as failed deliveries
     * (recover, a listener's exception).
     *
     * @param error text kept with the message, or null
     */
    public void giveBack(Collection<Delivery> deliveries, @Nullable String error) throws SQLException {
        throw new AssertionError("contract");
    }

    /** Everything that is handed over and neither acknowledged nor given back, oldest first. */
    public List<Delivery> handedOver() {
        throw new AssertionError("contract");
    }

    /** TRANSACTED: writes {@code sends} and what was received, and commits. Costs nothing when there is nothing. */
    public void commit(List<NewMessage> sends) throws SQLException {
        throw new AssertionError("contract");
    }

    /** TRANSACTED: writes sends before the commit (when they are many, or before the application takes over). */
    public void write(List<NewMessage> sends) throws SQLException {
        throw new AssertionError("contract");
    }

    /**
     * TRANSACTED: undoes sends and the application's SQL, gives back what was handed over by the rules of each consumer.
     *
     * @param error text kept with the messages, or null
     */
    public void rollback(@Nullable String error) throws SQLException {
        throw new AssertionError("contract");
    }

    /**
     * TRANSACTED: the connection of the current transaction, begun if there is none, for the application's SQL. The
     * caller guards it: the application must not end the transaction.
     */
    public Connection connection() throws SQLException {
        throw new AssertionError("contract");
    }

    /** Lets go what is claimed for {@code consumer} and unseen (consumer closed). */
    public void releaseUnseen(ChannelConsumer consumer) {
        throw new AssertionError("contract");
    }

    /** Lets go all that is claimed and unseen (connection stopped). Non-blocking callers wait for a statement on its way. */
    public void release() {
        throw new AssertionError("contract");
    }

    /**
     * Ends the window: writes acknowledgements that wait for it, gives back what is handed over (counted as a delivery,
     * never as a failure), rolls back a transaction. Idempotent; does not throw: what cannot be said to the database
     * any more, the database finds out.
     */
    @Override
    public void close() {
        throw new AssertionError("contract");
    }
}
