package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.threads.DeliveryGate;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The part of a session that an application server uses (§11.2): its distinguished listener, and the runs that deliver
 * to it what connection consumers have loaded. One run at a time, on the application server's threads.
 */
final class ServerSessionRuns {
    private final SqlmqSession session;
    private final DeliveryGate gate;
    private final ListenerCalls calls;
    private final Queue<SessionLoad> loads = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile @Nullable MessageListener listener;

    ServerSessionRuns(SqlmqSession session, DeliveryGate gate) {
        this.session = session;
        this.gate = gate;
        this.calls = new ListenerCalls(session, gate);
    }

    @Nullable
    MessageListener listener() {
        return listener;
    }

    void listener(@Nullable MessageListener listener) {
        this.listener = listener;
    }

    /** Refuses other forms of receipt (javadoc of Session.setMessageListener). */
    void refuseOtherReceipt() throws IllegalStateException {
        if (listener != null) {
            throw new IllegalStateException(
                    "This session has a message listener of its own, so its consumers must not receive."
                            + " Use another session.",
                    "SESSION_LISTENER");
        }
    }

    /** The next run delivers this too. */
    void load(SessionLoad load) {
        loads.add(load);
        if (session.isClosed()) {
            dropLoads();
        }
    }

    /** The run that was to deliver this will not come. */
    void unload(SessionLoad load) {
        if (loads.remove(load)) {
            load.close();
        }
    }

    /** The session is closed. */
    void dropLoads() {
        for (SessionLoad load = loads.poll(); load != null; load = loads.poll()) {
            load.close();
        }
    }

    /** Delivers what is loaded; nothing, when another thread does so already. */
    void run() {
        while (!loads.isEmpty() && running.compareAndSet(false, true)) {
            try {
                for (SessionLoad load = loads.poll(); load != null; load = loads.poll()) {
                    run(load);
                }
            } finally {
                running.set(false);
            }
        }
    }

    private void run(SessionLoad load) {
        try {
            boolean delivered = true;
            while (delivered && !load.isUsedUp()) {
                delivered = deliverNext(load);
            }
            session.mode().releaseUnseen(load.channel());
            ExceptionTranslation.run("Acknowledging", session.mode()::idle);
        } catch (JMSException | RuntimeException | Error e) {
            // There is nobody to throw it to, and the application server's thread has its own work to go on with.
            load.failed(e);
        } finally {
            load.close();
        }
    }

    private boolean deliverNext(SessionLoad load) throws JMSException {
        if (!load.enter()) {
            return false;
        }
        try {
            if (!gate.tryBegin()) {
                return false;
            }
            try {
                return deliverWithinGate(load);
            } finally {
                gate.end();
            }
        } finally {
            load.leave();
        }
    }

    private boolean deliverWithinGate(SessionLoad load) throws JMSException {
        MessageListener current = listener;
        if (current == null) {
            throw new IllegalStateException(
                    "A session of the server session pool has no message listener. Set one by"
                            + " Session.setMessageListener before the connection consumer is given the pool.",
                    "SESSION_LISTENER");
        }
        SessionMode mode = session.modeForOperation();
        try {
            Delivery delivery = ExceptionTranslation.call(load.receiving(), () -> load.take(mode));
            if (delivery == null) {
                return false;
            }
            calls.deliver(delivery, mode, current, () -> {});
            return true;
        } finally {
            mode.operationDone();
        }
    }
}
