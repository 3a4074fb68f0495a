package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.Checkpoint;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.LeaseLostException;
import io.sqlmq.engine.model.NewMessage;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receiving (and, transacted, sending) side of one session in the database: a transaction that claims messages by
 * row lock, hands them over, and deletes what was acknowledged when it commits. Between windows nothing is open and no
 * connection is held.
 *
 * <p>Life of a delivery: claimed and unseen, handed over by {@link #next}, then acknowledged or given back. A
 * non-transacted window that lives longer than about 100 ms turns what is handed over into leases and lets the rest go;
 * a transacted one ends then if nothing is handed over.
 *
 * <p>One thread at a time calls it (the session's), except {@link #release}, {@link #releaseUnseen} and {@link #close},
 * which any thread may call. After an SQLException nothing is open any more: in non-transacted windows what was
 * acknowledged but not written is acknowledged in the background by the engine, everything else becomes available
 * again; in transacted ones the whole transaction is rolled back.
 *
 * <p>{@code lock} guards everything, also while a statement is on its way; the application's code never runs under it.
 * What the session itself remembers is under a lock of the session's, which is taken before this one; see Locks in
 * docs/design/threads-and-connections.md.
 */
public final class Window implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Window.class);

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
        INDIVIDUAL;

        boolean isTransacted() {
            return this == TRANSACTED;
        }

        boolean groupsAcknowledgements() {
            return this == GROUPED;
        }

        boolean endsAtAcknowledgeAll() {
            return this == CLIENT;
        }

        /** Whether the session acknowledges, not the application. */
        boolean acknowledgesByItself() {
            return this == EACH || this == GROUPED;
        }

        boolean leasesFirst() {
            return this == INDIVIDUAL;
        }

        /** Whether acknowledgements that wait are written by the next claim. */
        boolean settlesWithClaims() {
            return this != TRANSACTED && this != CLIENT;
        }

        /** Whether an acknowledgement has to be written before the next message is handed over. */
        boolean isDue(ReceivePacing pace, Unseen unseen) {
            return this == EACH || pace.isGroupDue(unseen.size());
        }

        /** Whether more is claimed along with the acknowledgement of what ends with {@code last}. */
        boolean claimsAlong(ReceivePacing pace, Delivery last) {
            return pace.expectsMore()
                    && (this == GROUPED || (pace.isEager() && last.row().failureCount() == 0));
        }

        /** Whether commits need not wait for the disk. */
        boolean isRelaxed(EngineOptions options) {
            return this != TRANSACTED && options.receiving().asyncAck();
        }

        /** For how many milliseconds the transaction may be idle before the server ends it; 0: for ever. */
        long idleMillis(EngineOptions options) {
            return this == TRANSACTED
                    ? 0
                    : FROZEN_MILLIS + options.leasing().after().toMillis();
        }
    }

    /** How long rows that were claimed along are kept for an application that has not come back yet. */
    private static final long LINGER_NANOS = 10_000_000;

    /** How long a window that is due to become a lease may stay idle: then its process is frozen. */
    private static final long FROZEN_MILLIS = 5_000;

    private final Windows shared;
    private final Mode mode;
    private final ReentrantLock lock = new ReentrantLock();

    // All of these are guarded by the lock.
    private final Deliveries held;
    private final WindowTransaction transaction;
    private final ReceivePacing pace;
    private final Claiming claiming;
    private final Acknowledging acknowledging;
    private final LocalTransaction local;
    private boolean closed;

    Window(Windows shared, Mode mode, Duration groupedWork) {
        this.shared = shared;
        this.mode = mode;
        ClaimSize size = new ClaimSize(mode, shared.options.receiving().maxClaim(), groupedWork);
        this.held = new Deliveries(new Unseen(), new HandedOver(), new UnwrittenAcks(shared, mode, size));
        this.transaction = new WindowTransaction(shared, this, mode, held);
        this.pace = new ReceivePacing(size, groupedWork);
        this.claiming = new Claiming(shared, mode, held, transaction, pace);
        this.acknowledging = new Acknowledging(shared, mode, held, transaction, claiming, pace);
        this.local = new LocalTransaction(shared, this, held, transaction, claiming, pace);
    }

    // Receiving

    /**
     * The next message for {@code consumer}, or null when none can be claimed now. The message counts as handed over
     * from here on.
     */
    public @Nullable Delivery next(ChannelConsumer consumer) throws SQLException {
        if (!consumer.mayTake(null)) {
            return null;
        }
        int mark = shared.database.outageMark();
        lock.lock();
        try {
            checkOpen();
            pace.returned();
            Delivery delivery = find(consumer);
            if (delivery == null) {
                transaction.endIfIdle();
                return null;
            }
            handOver(delivery, consumer);
            return delivery;
        } catch (SQLException e) {
            if (shared.database.wasDownSince(mark) && transaction.doomed() == null && !closed) {
                LOG.debug("Nothing can be claimed while the database is away", e);
                return null; // whoever waits is woken when it is back
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Delivery find(ChannelConsumer consumer) throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        Delivery delivery = poll(cursor);
        if (delivery == null) {
            claiming.fill(consumer, false);
            delivery = poll(cursor);
        }
        if (delivery == null && shared.openWindows.askToGiveWay(cursor.channel(), this)) {
            claiming.fill(consumer, false);
            delivery = poll(cursor);
        }
        return delivery;
    }

    private @Nullable Delivery poll(ClaimCursor cursor) throws SQLException {
        if (!held.unseen().isEmpty(cursor) && transaction.isStale()) {
            if (mode.isTransacted() && !held.handed().isEmpty()) {
                transaction.run(new Pipeline().add("SELECT 1"), false);
            } else {
                claiming.letGo(); // others may have it by now; whoever is first gets it
            }
        }
        return held.unseen().poll(cursor);
    }

    private void handOver(Delivery delivery, ChannelConsumer consumer) {
        if (delivery.state == State.UNSEEN) {
            delivery.state = State.HANDED;
        }
        held.handed().add(delivery, consumer);
        delivery.handedOver();
        consumer.got(delivery);
        pace.handedOver(held.acknowledged().isEmpty());
    }

    /**
     * Takes the hand-over back: the message is unseen again and comes next. For receiveBody of the wrong type.
     */
    public void putBack(Delivery delivery) {
        lock.lock();
        try {
            ChannelConsumer consumer = held.handed().remove(delivery);
            if (consumer != null) {
                if (delivery.state == State.HANDED) {
                    delivery.state = State.UNSEEN;
                }
                if (delivery.state != State.LOST) {
                    held.unseen().putBack(consumer.cursor(), delivery);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything that is handed over and neither acknowledged nor given back, oldest first. */
    public List<Delivery> handedOver() {
        lock.lock();
        try {
            return held.handed().all();
        } finally {
            lock.unlock();
        }
    }

    // Acknowledging

    /** EACH, GROUPED, INDIVIDUAL: acknowledges one message that was handed over. */
    public void acknowledge(Delivery delivery) throws SQLException {
        lock.lock();
        try {
            acknowledging.acknowledge(delivery);
        } finally {
            lock.unlock();
        }
    }

    /** GROUPED: writes what is acknowledged and not written yet (recover, stop, close). */
    public void flush() throws SQLException {
        lock.lock();
        try {
            acknowledging.flush();
        } finally {
            lock.unlock();
        }
    }

    /** CLIENT: acknowledges everything handed over and not given back. */
    public void acknowledgeAll() throws SQLException {
        lock.lock();
        try {
            acknowledging.acknowledgeAll();
        } finally {
            lock.unlock();
        }
    }

    // Giving back

    /**
     * Gives back what is named, at once and in the original order, counted as failed deliveries (recover, a listener's
     * exception). TRANSACTED, for messages that the application has not seen: along with the transaction.
     *
     * @param error text kept with the message, or null
     */
    public void giveBack(Collection<Delivery> deliveries, @Nullable String error) throws SQLException {
        lock.lock();
        try {
            giveBack(deliveries, RequeueStatements.Kind.AT_ONCE, error);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives back a message that was handed over and could not be processed. The rules of its consumer say when it comes again,
     * or where it is parked. Not TRANSACTED.
     *
     * @param error text kept with the message, or null
     */
    public void fail(Delivery delivery, @Nullable String error) throws SQLException {
        lock.lock();
        try {
            giveBack(List.of(delivery), RequeueStatements.Kind.BY_RULES, error);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets a message aside that was handed over and cannot be read: it stays in its channel, out of every claim, until an
     * operator decides. TRANSACTED: along with the transaction, if that has other work.
     *
     * @param reason what the operator is to know
     */
    public void setAside(Delivery delivery, String reason) throws SQLException {
        lock.lock();
        try {
            giveBack(List.of(delivery), RequeueStatements.Kind.UNREADABLE, reason);
        } finally {
            lock.unlock();
        }
    }

    private void giveBack(Collection<Delivery> deliveries, RequeueStatements.Kind kind, @Nullable String error)
            throws SQLException {
        if (mode.isTransacted()) {
            local.giveBack(deliveries, kind, error);
        } else {
            acknowledging.giveBack(deliveries, kind, error);
        }
    }

    // Work on what was handed over, in other transactions. Not TRANSACTED

    /**
     * Ends the window's transaction; what was handed over is under a lease from now on.
     *
     * @return whether this message is: otherwise others may have it
     */
    public boolean lease(Delivery delivery) {
        lock.lock();
        try {
            if (delivery.state == State.HANDED) {
                claiming.letGo();
            }
            return delivery.state == State.LEASED;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Deletes a message that is under a {@link #lease} within the transaction of {@code connection}. It stays handed over: tell by
     * {@link #acknowledgedElsewhere} when that is committed, else {@link #fail} it, which does nothing if it was.
     *
     * @throws LeaseLostException if it has been given to somebody else
     */
    public void acknowledgeIn(Connection connection, Delivery delivery) throws SQLException {
        shared.claims.leases().acknowledgeIn(connection, delivery);
    }

    /** The transaction that deleted the message is committed. */
    public void acknowledgedElsewhere(Delivery delivery) {
        lock.lock();
        try {
            if (held.handed().remove(delivery) != null) {
                shared.claims.leases().acknowledgedElsewhere(delivery);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes a message that is under a {@link #lease}, for its next delivery.
     *
     * @param connection in whose transaction, or null: at once
     * @throws LeaseLostException if it has been given to somebody else
     */
    public void checkpoint(@Nullable Connection connection, Delivery delivery, Checkpoint checkpoint)
            throws SQLException {
        shared.claims.leases().checkpoint(connection, delivery, checkpoint);
    }

    /**
     * The redelivery policy of a message that is under a {@link #lease}, as the last checkpoint that was committed has left it.
     *
     * @throws LeaseLostException if it has been given to somebody else
     */
    public @Nullable String redeliveryPolicy(Delivery delivery) throws SQLException {
        return shared.claims.leases().redeliveryPolicy(delivery);
    }

    /**
     * Renews the {@link #lease} of a message.
     *
     * @param millis for how long at least
     * @throws LeaseLostException if it has been given to somebody else
     */
    public void renew(Delivery delivery, long millis) throws SQLException {
        shared.claims.leases().renew(delivery, millis);
    }

    // Transactions

    /**
     * TRANSACTED: writes {@code sends} and what was received, and commits. Costs nothing when there is nothing.
     *
     * @param returnsConnection whether the connection has to go back to its pool, which undoes what the application has set on it
     */
    public void commit(List<NewMessage> messages, boolean returnsConnection) throws SQLException {
        lock.lock();
        try {
            local.commit(messages, returnsConnection);
        } finally {
            lock.unlock();
        }
    }

    /** TRANSACTED: writes sends before the commit (when they are many, or before the application takes over). */
    public void write(List<NewMessage> sends) throws SQLException {
        if (sends.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            local.write(sends);
        } finally {
            lock.unlock();
        }
    }

    /** TRANSACTED: the identifier of the current transaction, begun if there is none; it then stays open. */
    public String transactionId() throws SQLException {
        lock.lock();
        try {
            return local.id();
        } finally {
            lock.unlock();
        }
    }

    /**
     * TRANSACTED: undoes sends and the application's SQL, gives back what was handed over by the rules of each consumer.
     *
     * @param error text kept with the messages, or null
     */
    public void rollback(@Nullable String error) throws SQLException {
        lock.lock();
        try {
            local.rollback(RequeueStatements.Kind.BY_RULES, error);
        } finally {
            lock.unlock();
        }
    }

    /**
     * TRANSACTED: the connection of the current transaction, begun if there is none, for the application's SQL. The
     * caller guards it: the application must not end the transaction.
     */
    public Connection connection() throws SQLException {
        lock.lock();
        try {
            return local.connection();
        } finally {
            lock.unlock();
        }
    }

    /**
     * TRANSACTED: the application has rolled back to a savepoint of its own. What was handed over since is locked no more, and
     * comes again: it counts as failed.
     *
     * @param before what was {@link #handedOver} when the savepoint was made
     */
    public void rolledBackTo(Collection<Delivery> before) {
        lock.lock();
        try {
            local.rolledBackTo(before);
        } finally {
            lock.unlock();
        }
    }

    // Letting go

    /** The channels of which it holds messages that it has not handed over. */
    public Set<String> unseenChannels() {
        lock.lock();
        try {
            return held.unseen().channels();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go what is claimed for {@code consumer} and unseen (consumer closed). */
    public void releaseUnseen(ChannelConsumer consumer) {
        lock.lock();
        try {
            if (held.unseen().isEmpty(consumer.cursor())
                    || (mode.isTransacted() && !held.handed().isEmpty())) {
                return; // a transaction's other consumers of the channel use the same buffer
            }
            claiming.letGo();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go all that is claimed and unseen (connection stopped). Non-blocking callers wait for a statement on its way. */
    public void release() {
        lock.lock();
        try {
            if (!mode.isTransacted() || held.handed().isEmpty()) {
                claiming.letGo();
            }
        } finally {
            lock.unlock();
        }
    }

    /** For another window that found nothing: lets go at once if nothing is handed over. Returns whether it did. */
    boolean giveWay(Channel channel) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            if (held.unseen().isEmpty(channel) || !held.handed().isEmpty()) {
                return false;
            }
            claiming.letGo();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a transaction is open that began on the calling thread; asked without the lock. */
    boolean isOfThisThread() {
        Transaction current = transaction.existing();
        return current != null && current.isOfThisThread();
    }

    /** Whether {@link #age} may have something to do; asked by a timer, without the lock. */
    boolean mayBeTooOld() {
        Transaction current = transaction.existing();
        return current != null && current.isOpen() && current.age() >= LINGER_NANOS;
    }

    /** Called by a timer: has the window been open for too long? See the class comment. */
    void age() {
        if (!lock.tryLock()) {
            return; // in use, so not idle; the next tick looks again
        }
        try {
            Transaction current = transaction.existing();
            if (current == null || !current.isOpen() || closed) {
                return;
            }
            boolean idle = !held.handed().hasLocked() && held.acknowledged().isEmpty() && !current.hasWork();
            if (mode.isTransacted() && !idle) {
                return;
            }
            if (current.age()
                    >= (idle ? LINGER_NANOS : shared.options.leasing().after().toNanos())) {
                claiming.letGo();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the window: writes acknowledgements that wait for it, gives back what is handed over (counted as a delivery,
     * never as a failure), rolls back a transaction. Idempotent; does not throw: what cannot be said to the database
     * any more, the database finds out.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                if (mode.isTransacted()) {
                    local.rollback(RequeueStatements.Kind.ON_CLOSE, null);
                } else {
                    try {
                        acknowledging.giveBack(held.handed().all(), RequeueStatements.Kind.ON_CLOSE, null);
                    } finally {
                        claiming.letGo();
                    }
                }
            } catch (SQLException e) {
                LOG.debug("Closing a window failed; its transaction is gone and so its messages are free", e);
            }
            transaction.close();
        } finally {
            lock.unlock();
        }
    }

    void checkOpen() throws SQLException {
        if (closed) {
            throw new SQLException("The session is closed");
        }
    }
}
