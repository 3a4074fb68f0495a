package io.sqlmq.camel;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A temporary destination that is created when it is first asked for. */
final class TemporaryDestination {
    private final Lock lock = new ReentrantLock();
    private final Creation creation;
    private @Nullable Destination created;

    /** How it is created. */
    @FunctionalInterface
    interface Creation {
        Destination in(Session session) throws JMSException;
    }

    TemporaryDestination(Creation creation) {
        this.creation = creation;
    }

    Destination get(Session session) throws JMSException {
        lock.lock();
        try {
            Destination known = created;
            if (known == null) {
                known = creation.in(session);
                created = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }
}
