package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Daemons;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Silence;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.EngineReach.Listen;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The LISTEN connection: one thread that always reads it, so that it never holds the vacuum horizon back. It also holds
 * the advisory lock by which others see that this process lives. Started by the first consumer that waits.
 */
public final class Listening implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
    private static final int READ_MILLIS = 1_000;
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(2 * READ_MILLIS);
    private static final String PROBE = "probe ";
    private static final int PROBE_MILLIS = 1_000;
    private static final int STOP_MILLIS = 500;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 1_000;

    private final Database database;
    private final Statements sql;
    private final ConsumerProcess owner;
    private final Silence silence;
    private final Wakeups wakeups;
    private final ListenState state;
    private final Upkeep upkeep;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable Thread thread;
    private @Nullable Connection connection;
    private volatile boolean closed;

    public Listening(
            Database database,
            Statements sql,
            ConsumerProcess owner,
            Silence silence,
            Wakeups wakeups,
            ListenState state,
            Upkeep upkeep) {
        this.database = database;
        this.sql = sql;
        this.owner = owner;
        this.silence = silence;
        this.wakeups = wakeups;
        this.state = state;
        this.upkeep = upkeep;
    }

    public void start() {
        if (thread != null || closed || state.isUnavailable()) {
            return;
        }
        if (!state.isWanted()) {
            state.setUnavailable();
            return;
        }
        lock.lock();
        try {
            if (thread == null && !closed) {
                Thread reader = Daemons.thread(this::run, "sqlmq-listen");
                thread = reader;
                reader.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether notifications are heard now. */
    public Listen status() {
        if (!state.isWanted()) {
            return Listen.OFF;
        }
        if (state.isUnavailable()) {
            return Listen.UNAVAILABLE;
        }
        if (state.isListening()) {
            return Listen.ON;
        }
        return thread == null ? Listen.IDLE : Listen.CONNECTING;
    }

    private void run() {
        long pause = FIRST_PAUSE_MILLIS;
        while (!closed && !state.isUnavailable()) {
            try (Connection opened = database.connections().openForListen()) {
                if (opened == null) {
                    state.setUnavailable();
                    LOG.info("No connection to spare for LISTEN; consumers poll");
                    return;
                }
                connection = opened;
                if (!listen(opened)) {
                    forget(opened);
                    state.setUnavailable();
                    LOG.warn(
                            "NOTIFY does not reach us, probably because of a pooler in transaction mode; consumers poll."
                                    + " Set listen=off to avoid the probe");
                    return;
                }
                pause = FIRST_PAUSE_MILLIS;
                state.setListening(true);
                upkeep.listening(true);
                read(opened);
                forget(opened);
            } catch (SQLException e) {
                if (!closed) {
                    LOG.debug("The LISTEN connection broke", e);
                    // A pool that has none to spare just now says nothing about the database.
                    database.statementFailed(e, connection != null || Failures.isUnreachable(e));
                }
            } finally {
                connection = null;
                if (state.isListening()) {
                    state.setListening(false);
                    upkeep.listening(false);
                }
            }
            if (!sleep(pause)) {
                return;
            }
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    /** LISTEN, the advisory lock, and a probe that comes back to us. */
    private boolean listen(Connection opened) throws SQLException {
        int me = owner.id(opened); // a pool may have no other to spare
        String nonce = PROBE + me + " " + System.nanoTime();
        try (Statement statement = opened.createStatement()) {
            statement.execute("LISTEN " + Statements.quote(sql.topic));
        }
        Pipeline promise = new Pipeline().query(sql.lockOwner, p -> p.integer(me), ResultSet::next);
        owner.addRenew(promise, true);
        promise.run(opened);
        new Pipeline()
                .add("SELECT pg_catalog.pg_notify(?, ?)", p -> p.text(sql.topic).text(nonce))
                .run(opened);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PROBE_MILLIS);
        while (System.nanoTime() < end) {
            PGNotification[] notifications = opened.unwrap(PGConnection.class).getNotifications(PROBE_MILLIS);
            boolean found = false;
            for (PGNotification notification : orNone(notifications)) {
                found |= nonce.equals(notification.getParameter());
                heard(notification.getParameter());
            }
            if (found) {
                return true;
            }
        }
        return false;
    }

    private void read(Connection opened) throws SQLException {
        PGConnection reader = opened.unwrap(PGConnection.class);
        long asked = System.nanoTime();
        while (!closed) {
            PGNotification[] notifications = reader.getNotifications(READ_MILLIS);
            for (PGNotification notification : orNone(notifications)) {
                heard(notification.getParameter());
            }
            if (System.nanoTime() - asked > ASK_NANOS) {
                // Make sure that the server is there, still the primary, and at work for those who wait for it.
                silence.requireWritable(opened);
                silence.ask(opened);
                asked = System.nanoTime();
            }
        }
    }

    /** Leaves nothing of ours behind: the connection may be another's next. */
    private void forget(Connection opened) throws SQLException {
        int me = owner.id();
        new Pipeline()
                .add("UNLISTEN " + Statements.quote(sql.topic))
                .query(sql.unlockOwner, p -> p.integer(me), ResultSet::next)
                .run(opened);
    }

    private static PGNotification[] orNone(PGNotification @Nullable [] notifications) {
        return notifications == null ? new PGNotification[0] : notifications;
    }

    /** Payloads are "milliseconds channel", with {@link Notifier#LATER} from within transactions, or less, see {@link Ready}. */
    private void heard(String payload) {
        int space = payload.indexOf(' ');
        if (space <= 0 || payload.startsWith(PROBE)) {
            return;
        }
        try {
            long due = Long.parseLong(payload.substring(0, space));
            wakeups.heard(payload.substring(space + 1), due);
        } catch (NumberFormatException e) {
            LOG.debug("Not ours: {}", payload);
        }
    }

    private boolean sleep(long millis) {
        lock.lock();
        try {
            long rest = TimeUnit.MILLISECONDS.toNanos(millis);
            while (rest > 0 && !closed) {
                rest = changed.awaitNanos(rest);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** The reader is to stop when it next looks. */
    public void stop() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets the reader see that it is to stop. */
    public void wakeReader() {
        if (connection == null) {
            return;
        }
        try {
            database.run(new Pipeline().add("SELECT pg_catalog.pg_notify(?, 'stop')", p -> p.text(sql.topic)));
        } catch (SQLException e) {
            LOG.debug("Its connection will be cut off", e);
        }
    }

    /** Waits a moment for the reader to stop, and then cuts its connection off. */
    @Override
    public void close() {
        stop();
        Thread reader = thread;
        if (reader != null && connection != null && !database.isDown()) {
            try {
                reader.join(STOP_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run); // close() would wait for the read
            } catch (SQLException e) {
                LOG.debug("Closing the LISTEN connection", e);
            }
        }
    }
}
