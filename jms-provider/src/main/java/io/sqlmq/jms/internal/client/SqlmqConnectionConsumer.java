package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.threads.Lifecycle;
import io.sqlmq.jms.internal.threads.WakeableTask;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.XASession;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a queue or subscription for an application server (§11.2). It takes no message itself: when one is there, it
 * takes a server session, loads its session and starts it; the session claims when it runs. The next server session is
 * taken when that one has claimed and there is still something there, so no more are taken than there are messages.
 *
 * <p>The look is a claim that is let go at once. While there is nothing, it waits like any consumer, without a thread
 * or connection.
 */
final class SqlmqConnectionConsumer implements ConnectionConsumer {
    private static final Logger log = LoggerFactory.getLogger(SqlmqConnectionConsumer.class);
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1_000;

    private final SqlmqConnection connection;
    private final ConnectionConsumers owner;
    private final String name;
    private final String receiving;
    private final Supplier<ChannelConsumer> source;
    private final Runnable whenClosed;
    private final ServerSessionPool pool;
    private final int maxMessages;
    private final ChannelConsumer channel;
    private final Window looks;
    private final Lifecycle lifecycle;
    private final Executor executor;
    private final WakeableTask handing;
    /** The threads that run a listener for this consumer. Guarded by itself. */
    private final List<Thread> delivering = new ArrayList<>();

    private volatile boolean waiting;
    private volatile boolean sessionToLook;
    private volatile boolean paused;
    /** A session claims one message after the other; a look would lock the next and so change their order. */
    private volatile boolean runGoesOn;

    /**
     * Does nothing yet.
     *
     * @param name of the queue or topic
     * @param source opens places to take messages from
     * @param whenClosed what is to be done when this is closed
     */
    SqlmqConnectionConsumer(
            SqlmqConnection connection,
            ConnectionConsumers owner,
            String name,
            Supplier<ChannelConsumer> source,
            Runnable whenClosed,
            ServerSessionPool pool,
            int maxMessages) {
        this.connection = connection;
        this.owner = owner;
        this.name = name;
        this.receiving = "Receiving from " + name + " for a connection consumer";
        this.source = source;
        this.whenClosed = whenClosed;
        this.pool = pool;
        this.maxMessages = maxMessages;
        this.channel = source.get();
        this.looks = connection.services().engine().window(Window.Mode.EACH);
        this.lifecycle = new Lifecycle("connection consumer", connection.lifecycle());
        this.executor = connection.services().executor();
        this.handing = new WakeableTask(executor, this::handOver);
    }

    String receiving() {
        return receiving;
    }

    boolean consumesFrom(String destination) {
        return !lifecycle.isClosed() && name.equals(destination);
    }

    // ---- handing over to server sessions

    /** There may be something to hand over, and the connection may be started. Any thread. */
    void wake() {
        if (!lifecycle.isClosing()) {
            handing.wake();
        }
    }

    private boolean mayHandOver() {
        return connection.isStarted() && !lifecycle.isClosing() && !waiting && !sessionToLook && !paused;
    }

    private void handOver() {
        try {
            while (mayHandOver()) {
                long mark = channel.mark();
                if (runGoesOn || somethingIsThere()) {
                    startServerSession();
                } else {
                    waiting = true;
                    channel.onSignal(mark, this::signalled);
                }
            }
        } catch (SQLException e) {
            failed(JmsErrors.from(receiving, e));
        } catch (JMSException | RuntimeException | Error e) {
            failed(e);
        }
    }

    private void signalled() {
        waiting = false;
        if (connection.isStarted()) {
            wake();
        } else {
            channel.passOn(); // start() looks in any case
        }
    }

    private boolean somethingIsThere() throws SQLException {
        Delivery found = looks.next(channel);
        if (found == null) {
            return false;
        }
        looks.putBack(found);
        looks.release();
        return true;
    }

    private void startServerSession() throws JMSException {
        ServerSession serverSession = pool.getServerSession();
        if (serverSession == null) {
            throw new JMSException("The server session pool has returned null.", "SERVER_SESSION_POOL");
        }
        SqlmqSession session = sessionOf(serverSession.getSession());
        SessionLoad load = new SessionLoad(this, source.get(), maxMessages);
        runGoesOn = false;
        sessionToLook = true;
        session.serverSessionRuns().load(load);
        try {
            serverSession.start();
        } catch (JMSException | RuntimeException | Error e) {
            session.serverSessionRuns().unload(load);
            throw e;
        }
    }

    private SqlmqSession sessionOf(Session session) throws JMSException {
        if (session instanceof SqlmqSession own && own.connection() == connection) {
            return own;
        }
        if (session instanceof XASession xa && xa.getSession() != session) {
            return sessionOf(xa.getSession());
        }
        throw new JMSException(
                "A server session has a session that is not of this connection: "
                        + (session == null ? "null" : session.getClass().getName())
                        + ". Create the sessions of the pool from the connection that has the connection consumer.",
                "SERVER_SESSION_POOL");
    }

    /**
     * The session that was started has claimed what it could.
     *
     * @param goesOn whether it goes on to claim
     */
    void sessionLooked(boolean goesOn) {
        runGoesOn = goesOn;
        sessionToLook = false;
        wake();
    }

    /** Handing over or a run has failed: the exception listener hears of it, and the next attempt waits. */
    void failed(Throwable cause) {
        if (lifecycle.isClosing()) {
            log.debug("{} ended", receiving, cause);
            return;
        }
        paused = true;
        connection.failed(
                log, receiving + " failed; next attempt in " + PAUSE_AFTER_FAILURE_MILLIS + " ms", told(cause));
        CompletableFuture.delayedExecutor(PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS, executor)
                .execute(() -> {
                    paused = false;
                    wake();
                });
    }

    private JMSException told(Throwable cause) {
        if (cause instanceof JMSException told) {
            return told;
        }
        JMSException told = new JMSException(receiving + " failed: " + cause, "SERVER_SESSION_POOL");
        told.initCause(cause);
        if (cause instanceof Exception exception) {
            told.setLinkedException(exception);
        }
        return told;
    }

    // ---- deliveries

    /** A session is about to deliver on the calling thread; false when this is closed. */
    boolean enter() {
        synchronized (delivering) {
            if (lifecycle.isClosing()) {
                return false;
            }
            delivering.add(Thread.currentThread());
            return true;
        }
    }

    void leave() {
        synchronized (delivering) {
            delivering.remove(Thread.currentThread());
            delivering.notifyAll();
        }
    }

    /** Waits for the listeners that run, but for one that is the caller. An interrupt is kept for later. */
    private void awaitDeliveries() {
        Thread self = Thread.currentThread();
        boolean interrupted = false;
        synchronized (delivering) {
            while (delivering.stream().anyMatch(thread -> thread != self)) {
                try {
                    delivering.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            self.interrupt();
        }
    }

    // ---- the API

    @Override
    public ServerSessionPool getServerSessionPool() throws JMSException {
        lifecycle.checkOpen();
        return pool;
    }

    /** No message listener is begun for it any more, and those that run have returned, but for one that calls this. */
    @Override
    public void close() {
        if (beginClose()) {
            awaitDeliveries();
            finishClose();
        }
    }

    /** Ends handing over; false when that was done before. */
    boolean beginClose() {
        synchronized (delivering) {
            return lifecycle.beginClose();
        }
    }

    void finishClose() {
        lifecycle.close();
        channel.close();
        looks.close();
        whenClosed.run();
        owner.remove(this);
    }
}
