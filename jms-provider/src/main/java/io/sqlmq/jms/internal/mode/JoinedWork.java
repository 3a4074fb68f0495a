package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.TransactionBinding.BoundTransaction;
import io.sqlmq.jms.TransactionBinding.Status;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What sessions did in one transaction of the application: which (sub)transactions wrote messages, so that it never
 * receives its own sends (§6.2.7), which channels to wake when it has ended, and what failed if it was rolled back. Used by one thread at a time.
 */
public final class JoinedWork {
    /** A binding that cannot tell when a transaction ends lets its connection's work go on from one to the next. */
    private static final int REMEMBERED_WRITERS = 100;

    private static final int REMEMBERED_CHANNELS = 1_000;

    /** The bodies are kept along. */
    private static final int REMEMBERED_DELIVERIES = 200;

    private final Set<String> writers = new LinkedHashSet<>();
    private final Set<Delivery> taken = new LinkedHashSet<>();
    private @Nullable String error;
    private boolean awaitsFailure;
    /** What follows the rollback, once it is known why. */
    private @Nullable Runnable aftermath;

    private boolean isPartlyUndone;
    /** Whether that would be known. */
    private boolean isToldOfSavepoints;

    private final Set<String> channels = new LinkedHashSet<>();
    private final Set<String> given = new LinkedHashSet<>();

    Set<String> writers() {
        dropOldest(writers, REMEMBERED_WRITERS);
        return writers;
    }

    void sentTo(String channel) {
        touched(channel);
        gives(channel);
    }

    private void touched(String channel) {
        channels.add(channel);
        dropOldest(channels, REMEMBERED_CHANNELS);
    }

    private void gives(String channel) {
        given.add(channel);
        dropOldest(given, REMEMBERED_CHANNELS);
    }

    void took(Delivery delivery) {
        taken.add(delivery);
        dropOldest(taken, REMEMBERED_DELIVERIES);
        touched(delivery.row().channel());
        if (delivery.grouped) {
            gives(delivery.row().channel());
        }
    }

    /** What fails if the transaction is rolled back; of very many the latest. */
    Set<Delivery> taken() {
        return taken;
    }

    /** Why it will have been rolled back, if it is. */
    void noteFailure(String text) {
        error = text;
    }

    void awaitFailure() {
        awaitsFailure = true;
    }

    void failureNoted() {
        awaitsFailure = false;
        Runnable waiting = aftermath;
        aftermath = null;
        if (waiting != null) {
            waiting.run();
        }
    }

    /** The channels to wake at the end, or the latest of them: consumers of others find their messages when they poll. */
    Set<String> channels() {
        return channels;
    }

    private static void dropOldest(Set<?> remembered, int most) {
        Iterator<?> oldest = remembered.iterator();
        while (remembered.size() > most) {
            oldest.next();
            oldest.remove();
        }
    }

    /** The work of all transactions that are running. Thread-safe. */
    public static final class Registry {
        private final Map<Object, JoinedWork> byTransaction = new WeakHashMap<>();

        /** The work of a transaction; the first use of it asks to hear of its end. */
        public JoinedWork of(BoundTransaction transaction, Engine engine) {
            Object key = transaction.key();
            JoinedWork work;
            synchronized (byTransaction) {
                work = byTransaction.get(key);
                if (work != null) {
                    return work;
                }
                work = new JoinedWork();
                byTransaction.put(key, work);
            }
            JoinedWork started = work;
            transaction.afterCompletion(status -> ended(key, started, engine, status));
            started.isToldOfSavepoints = transaction.onRollbackToSavepoint(() -> started.isPartlyUndone = true);
            return started;
        }

        private void ended(Object key, JoinedWork work, Engine engine, Status status) {
            synchronized (byTransaction) {
                byTransaction.remove(key);
            }
            if (status == Status.ROLLED_BACK) {
                Runnable aftermath = () -> engine.joinedRolledBack(work.taken, work.error, work.channels());
                if (work.awaitsFailure) {
                    work.aftermath = aftermath;
                } else {
                    aftermath.run();
                }
            } else if (status == Status.COMMITTED && work.isPartlyUndone) {
                engine.joinedCommittedInPart(work.taken, work.error, work.channels());
            } else if (status == Status.COMMITTED) {
                engine.joinedCommitted(work.taken, work.channels(), work.given, !work.isToldOfSavepoints);
            } else {
                engine.joinedEnded(work.channels());
            }
        }
    }
}
