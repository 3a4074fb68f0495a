package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.mode.Source;
import io.sqlmq.jms.internal.mode.WindowMode;
import io.sqlmq.jms.internal.threads.DeliveryGate;
import io.sqlmq.jms.internal.threads.WakeableTask;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the message listeners of one session: one thread at a time, its consumers in turn, as long as there are
 * messages; then the thread goes and the channels' signals bring it back.
 */
final class ListenerDispatch {
    private static final Logger log = LoggerFactory.getLogger(ListenerDispatch.class);
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1_000;

    private enum Outcome {
        DELIVERED,
        EMPTY,
        ENDED
    }

    /**
     * A consumer with a listener; {@code waiting} while its channel's signal is awaited, {@code signalled} from then until
     * somebody follows it: a look, or else other consumers.
     */
    private static final class Listening {
        final SqlmqMessageConsumer consumer;
        final AtomicBoolean signalled = new AtomicBoolean();
        final Runnable goesOn;
        volatile boolean waiting;
        /** Used by the session's thread. */
        boolean looked;

        Listening(SqlmqMessageConsumer consumer) {
            this.consumer = consumer;
            this.goesOn = () -> consumer.source().looks(true);
        }

        void passOn() {
            if (signalled.getAndSet(false)) {
                consumer.source().passOn();
            }
        }
    }

    private final SqlmqSession session;
    private final WindowMode mode;
    private final DeliveryGate gate;
    private final Executor executor;
    private final List<Listening> listening = new CopyOnWriteArrayList<>();
    private final ListenerCalls calls;
    private final WakeableTask task;
    /** Whether a listener works, so that whoever is signalled cannot look before it returns. */
    private volatile boolean busy;

    ListenerDispatch(SqlmqSession session, WindowMode mode, DeliveryGate gate, Executor executor) {
        this.session = session;
        this.mode = mode;
        this.gate = gate;
        this.executor = executor;
        this.calls = new ListenerCalls(session, gate);
        this.task = new WakeableTask(executor, this::run);
    }

    void add(SqlmqMessageConsumer consumer) {
        listening.add(new Listening(consumer));
        wake();
    }

    void remove(SqlmqMessageConsumer consumer) {
        List<Listening> removed =
                listening.stream().filter(entry -> entry.consumer == consumer).toList();
        listening.removeAll(removed);
        removed.forEach(Listening::passOn);
    }

    /** There may be something to deliver. Any thread; does not block. */
    void wake() {
        if (listening.isEmpty() || session.lifecycle().isClosing()) {
            return;
        }
        task.wake();
    }

    private void run() {
        try {
            deliverAll();
        } catch (JMSException | RuntimeException | Error e) {
            // Whatever it was, the session goes on: nobody else would start it again.
            session.connection()
                    .failed(
                            log,
                            "Delivering to listeners failed; next attempt in " + PAUSE_AFTER_FAILURE_MILLIS + " ms",
                            e);
            CompletableFuture.delayedExecutor(PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS, executor)
                    .execute(this::wake);
        } finally {
            session.connection().services().currentSession().clear();
        }
    }

    /** Delivers until every consumer waits for a signal, or deliveries have ended. */
    private void deliverAll() throws JMSException {
        boolean found = true;
        while (found) {
            found = false;
            for (Listening entry : listening) {
                if (entry.waiting) {
                    continue;
                }
                Source.Mark mark = entry.consumer.source().mark();
                switch (deliver(entry)) {
                    case DELIVERED -> found = true;
                    case EMPTY -> await(entry, mark);
                    case ENDED -> {
                        entry.consumer.source().looks(false);
                        entry.passOn();
                    }
                }
            }
        }
        ExceptionTranslation.run("Acknowledging", mode::idle);
    }

    private void await(Listening entry, Source.Mark mark) {
        entry.waiting = true;
        mark.onSignal(() -> {
            entry.signalled.set(true);
            entry.waiting = false;
            wake();
            if (busy || session.lifecycle().isClosing() || !listening.contains(entry)) {
                entry.passOn();
            }
        });
    }

    private Outcome deliver(Listening entry) throws JMSException {
        SqlmqMessageConsumer consumer = entry.consumer;
        MessageListener listener = consumer.listener();
        if (listener == null || !consumer.lifecycle().enter()) {
            return Outcome.ENDED;
        }
        try {
            if (!gate.tryBegin()) {
                return Outcome.ENDED;
            }
            entry.signalled.set(false);
            boolean first = !entry.looked;
            entry.looked = true;
            try {
                if (first && consumer.source().looksWhenWaiting(mode)) {
                    return Outcome.EMPTY; // thousands may begin at the same time
                }
                if (!first && consumer.source().knownEmpty(mode)) {
                    return Outcome.EMPTY;
                }
                Delivery delivery = ExceptionTranslation.call(
                        consumer.receiving(), () -> consumer.source().take(mode, false));
                if (delivery == null) {
                    return Outcome.EMPTY;
                }
                busy = true;
                listening.forEach(Listening::passOn); // what they were signalled for is not to wait for this listener
                try {
                    calls.deliver(delivery, mode, listener, entry.goesOn);
                } finally {
                    busy = false;
                }
                return Outcome.DELIVERED;
            } finally {
                gate.end();
            }
        } finally {
            consumer.lifecycle().leave();
        }
    }
}
