package io.sqlmq.camel;

import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A temporary destination that is created when it is first asked for: by the consumer, if there is one, since only consumers of the
 * connection that has created it may receive from it (§2.3.2). Thread-safe.
 */
final class TemporaryDestination {

    /** How long a producer waits for the consumer, which begins on another thread. */
    private static final long PATIENCE_SECONDS = 20;

    private final Lock lock = new ReentrantLock();
    private final Condition made = lock.newCondition();
    private final Creation creation;
    private final Set<Object> consumers = new HashSet<>();
    private @Nullable Destination created;
    /** Whether a consumer has created it. */
    private boolean isConsumers;

    /** How it is created. */
    @FunctionalInterface
    interface Creation {
        Destination in(Session session) throws JMSException;
    }

    TemporaryDestination(Creation creation) {
        this.creation = creation;
    }

    /** A consumer begins, which will ask for it. */
    void starts(Object consumer) {
        lock.lock();
        try {
            consumers.add(consumer);
        } finally {
            lock.unlock();
        }
    }

    /** It will not any more. What it has created has ended with its connection. */
    void stops(Object consumer) {
        lock.lock();
        try {
            if (consumers.remove(consumer) && consumers.isEmpty() && isConsumers) {
                created = null;
                isConsumers = false;
            }
            made.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** For a consumer. */
    Destination consumed(Session session) throws JMSException {
        lock.lock();
        try {
            boolean creates = created == null;
            Destination consumed = create(session);
            isConsumers |= creates;
            return consumed;
        } finally {
            lock.unlock();
        }
    }

    /** For anybody else. */
    Destination get(Session session) throws JMSException {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (created == null && !consumers.isEmpty()) {
                if (left <= 0) {
                    throw new IllegalStateException("The consumer of the temporary destination has not come within "
                            + PATIENCE_SECONDS + " s, and without it nobody can create it");
                }
                left = made.awaitNanos(left);
            }
            return create(session);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (JMSException) new JMSException("Interrupted while the consumer begins").initCause(e);
        } finally {
            lock.unlock();
        }
    }

    private Destination create(Session session) throws JMSException {
        Destination known = created;
        if (known == null) {
            known = creation.in(session);
            created = known;
            made.signalAll();
        }
        return known;
    }
}
