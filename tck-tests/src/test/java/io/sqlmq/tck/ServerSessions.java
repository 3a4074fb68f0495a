package io.sqlmq.tck;

import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A pool as an application server has one (§11.2.6): a fixed number of sessions, each run on a thread of its own and put
 * back afterwards. getServerSession blocks while all are out.
 */
final class ServerSessions implements ServerSessionPool, AutoCloseable {

    /** What is done with the session when it has run. */
    interface AfterRun {
        void afterRun(Session session) throws JMSException;
    }

    private final BlockingQueue<ServerSession> idle = new LinkedBlockingQueue<>();
    private final List<Session> sessions = new ArrayList<>();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger putBack = new AtomicInteger();
    private final AfterRun afterRun;

    ServerSessions(
            Connection connection, int mode, int count, Function<Session, MessageListener> listener, AfterRun afterRun)
            throws JMSException {
        this.afterRun = afterRun;
        for (int i = 0; i < count; i++) {
            Session session = connection.createSession(mode);
            session.setMessageListener(listener.apply(session));
            sessions.add(session);
            idle.add(new OnThread(session));
        }
    }

    /** How many server sessions were handed out so far. */
    int taken() {
        return taken.get();
    }

    /** Whether all that were handed out have come back. */
    boolean isComplete() {
        return putBack.get() == taken.get() && idle.size() == sessions.size();
    }

    Session session() {
        return sessions.get(0);
    }

    @Override
    public ServerSession getServerSession() throws JMSException {
        try {
            ServerSession next = idle.take();
            taken.incrementAndGet();
            return next;
        } catch (InterruptedException e) {
            throw new JMSException("interrupted: " + e);
        }
    }

    @Override
    public void close() throws JMSException {
        for (Session session : sessions) {
            session.close();
        }
    }

    private final class OnThread implements ServerSession {
        private final Session session;

        OnThread(Session session) {
            this.session = session;
        }

        @Override
        public Session getSession() {
            return session;
        }

        @Override
        public void start() {
            Thread thread = new Thread(() -> {
                session.run();
                Async.unchecked(() -> {
                    afterRun.afterRun(session);
                    return true;
                });
                idle.add(this);
                putBack.incrementAndGet();
            });
            thread.setDaemon(true);
            thread.start();
        }
    }
}
