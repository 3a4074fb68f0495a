package io.sqlmq.jms.internal.client;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.internal.errors.ExceptionTranslation;
import io.sqlmq.jms.internal.mapping.Bodies;
import io.sqlmq.jms.internal.mapping.BodyReceiver;
import io.sqlmq.jms.internal.mode.SessionMode;
import io.sqlmq.jms.internal.mode.Source;
import io.sqlmq.jms.internal.threads.CallerLoader;
import io.sqlmq.jms.internal.threads.Deadline;
import io.sqlmq.jms.internal.threads.DeliveryGate;
import io.sqlmq.jms.internal.threads.Lifecycle;
import io.sqlmq.message.SqlmqMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.TemporaryQueue;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Consumes from a queue or subscription: by receive on the caller's thread, or through the session's {@link ListenerDispatch}. */
public class SqlmqMessageConsumer implements MessageConsumer, BodyReceiver {

    /** What a receive makes of a message before the message counts as received. */
    private interface HandOver<T> {
        @Nullable
        T of(SqlmqMessage message) throws JMSException;
    }

    private final SqlmqSession session;
    private final Source source;
    private final @Nullable String selector;
    private final String receiving;
    private final boolean receivesReplies;
    private final Lifecycle lifecycle;
    private volatile @Nullable MessageListener listener;
    private volatile @Nullable MessageListener listenerWithLoader;

    /** Where the wake-ups stood before the last look, if that found nothing. */
    private volatile Source.@Nullable Mark emptySince;

    SqlmqMessageConsumer(SqlmqSession session, Destination destination, Source source, @Nullable String selector) {
        this.session = session;
        this.source = source;
        this.selector = selector;
        this.receiving = "Receiving from " + destination;
        this.receivesReplies = destination instanceof TemporaryQueue;
        this.lifecycle = new Lifecycle("consumer", session.lifecycle());
    }

    Source source() {
        return source;
    }

    /** What a receive attempts, for error texts. */
    String receiving() {
        return receiving;
    }

    Lifecycle lifecycle() {
        return lifecycle;
    }

    boolean consumesFrom(String name) {
        return !lifecycle.isClosed() && source.isFrom(name);
    }

    /** Blocked receives return null from here on. */
    void endWaits() {
        source.close();
    }

    /** It is closed, and its session has let go what was not seen. */
    void ended() {}

    void awaitReceives() {
        lifecycle.awaitLeft();
    }

    @Override
    public final @Nullable Message receive() throws JMSException {
        return receive(0);
    }

    @Override
    public final @Nullable Message receive(long timeout) throws JMSException {
        return receive(Deadline.afterMillis(timeout), timeout >= 0, message -> message);
    }

    @Override
    public final @Nullable Message receiveNoWait() throws JMSException {
        return receive(Deadline.now(), false, message -> message);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type, long timeout, Consumer<Message> seen) throws JMSException {
        return receive(Deadline.afterMillis(timeout), timeout >= 0, message -> body(message, type, seen));
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> type, Consumer<Message> seen) throws JMSException {
        return receive(Deadline.now(), false, message -> body(message, type, seen));
    }

    private static <T> @Nullable T body(SqlmqMessage message, Class<T> type, Consumer<Message> seen)
            throws JMSException {
        seen.accept(message);
        return Bodies.of(message, type);
    }

    /**
     * Receives until the deadline.
     *
     * @param timed whether looks may be left out when they are known to find nothing
     */
    private <T> @Nullable T receive(Deadline deadline, boolean timed, HandOver<T> handOver) throws JMSException {
        checkMayReceive();
        if (!lifecycle.enter()) {
            return null;
        }
        DeliveryGate gate = session.gate();
        boolean first = true;
        boolean woken = false;
        try {
            while (begin(gate, deadline, woken)) {
                Source.Mark mark;
                try {
                    mark = source.mark();
                    if (!(timed && source.knownEmpty(session.modeForLooks(receivesReplies)))) {
                        Handed<T> handed = woken ? takeOrPassOn(handOver, first) : take(handOver, first);
                        if (handed != null) {
                            emptySince = null;
                            return handed.value();
                        }
                    }
                    first = false;
                } finally {
                    gate.end();
                }
                long left = deadline.remainingNanos();
                if (left <= 0 && !timed) {
                    ExceptionTranslation.run(receiving, source::checkReachable);
                }
                emptySince = mark;
                if (left <= 0 || !mark.await(left)) {
                    return null;
                }
                woken = true;
            }
            return null;
        } catch (InterruptedException e) {
            throw interrupted("receive", e);
        } finally {
            source.looks(false);
            lifecycle.leave();
        }
    }

    /**
     * Waits until a receive may find something, as far as that is known. Takes nothing and uses no connection to
     * the database, so that a transaction need not begin before there is something for it to do.
     *
     * @param timeout milliseconds; 0: for ever
     * @return false if nothing has come within the time, or the consumer was closed
     */
    public final boolean awaitMessages(long timeout) throws JMSException {
        checkMayReceive();
        if (!lifecycle.enter()) {
            return false;
        }
        try {
            Source.Mark mark = emptySince;
            if (mark == null) {
                mark = source.mark();
                if (!source.knownEmpty(session.modeForLooks(receivesReplies))) {
                    return true;
                }
                emptySince = mark;
            }
            return mark.await(Deadline.afterMillis(timeout).remainingNanos());
        } catch (InterruptedException e) {
            throw interrupted("waiting for messages", e);
        } finally {
            source.looks(false);
            lifecycle.leave();
        }
    }

    private static JMSException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new JMSException("The thread was interrupted in " + what + ".", "INTERRUPTED", e);
    }

    /**
     * Begins a delivery.
     *
     * @param woken whether a wake-up is to be followed; if that has to wait until the connection is started, another
     *     consumer may have it
     */
    private boolean begin(DeliveryGate gate, Deadline deadline, boolean woken) throws InterruptedException {
        if (woken) {
            if (!lifecycle.isClosing() && gate.tryBegin()) {
                return true;
            }
            source.looks(false);
            source.passOn();
        }
        return gate.begin(deadline, lifecycle::isClosing);
    }

    /** Tells a received null, as an empty body may be, from nothing received. */
    private record Handed<T>(@Nullable T value) {}

    private <T> @Nullable Handed<T> take(HandOver<T> handOver, boolean afresh) throws JMSException {
        SessionMode mode = receivesReplies ? session.modeForAsking() : session.modeForOperation();
        MessageTracer tracer = session.connection().services().tracer();
        Instant from = tracer == null ? null : Instant.now();
        try {
            SqlmqMessage message = null;
            Delivery taken = null;
            while (message == null) {
                taken = ExceptionTranslation.call(receiving, () -> source.take(mode, afresh));
                if (taken == null) {
                    ExceptionTranslation.run(receiving, mode::idle);
                    return null;
                }
                message = session.read(taken, mode, true);
            }
            Delivery delivery = taken;
            @Nullable T value;
            try {
                value = handOver.of(message);
            } catch (MessageFormatException e) {
                mode.bodyRefused(delivery);
                throw e;
            }
            ExceptionTranslation.run("Acknowledging", () -> mode.received(delivery));
            if (tracer != null && from != null) {
                tracer.received(message, from);
            }
            return new Handed<>(value);
        } finally {
            mode.operationDone();
        }
    }

    /** As {@link #take}; a wake-up that it cannot follow is for others. */
    private <T> @Nullable Handed<T> takeOrPassOn(HandOver<T> handOver, boolean afresh) throws JMSException {
        try {
            return take(handOver, afresh);
        } catch (JMSException | RuntimeException e) {
            source.looks(false);
            source.passOn();
            throw e;
        }
    }

    private void checkMayReceive() throws IllegalStateException {
        lifecycle.checkOpen();
        session.serverSessionRuns().refuseOtherReceipt();
        if (listener != null) {
            throw new IllegalStateException(
                    "This consumer has a message listener. Remove it before calling receive.", "LISTENER");
        }
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        lifecycle.checkOpen();
        return selector;
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        lifecycle.checkOpen();
        return listener;
    }

    /** The listener to deliver to now, or null. */
    @Nullable
    MessageListener listener() {
        return listenerWithLoader;
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        lifecycle.checkOpen();
        if (listener == null) {
            this.listener = null;
            this.listenerWithLoader = null;
            session.dispatch().remove(this);
            source.releaseUnseen(session.mode());
            return;
        }
        session.serverSessionRuns().refuseOtherReceipt();
        ExceptionTranslation.run("Preparing for a listener", session.mode()::useForListener);
        boolean added = this.listener == null;
        this.listener = listener;
        CallerLoader loader = CallerLoader.current();
        this.listenerWithLoader = message -> loader.run(() -> listener.onMessage(message));
        if (added) {
            session.dispatch().add(this);
        }
    }

    @Override
    public void close() {
        if (!lifecycle.beginClose()) {
            return;
        }
        session.dispatch().remove(this);
        endWaits();
        session.gate().changed();
        lifecycle.awaitLeft();
        lifecycle.close();
        source.releaseUnseen(session.mode());
        session.remove(this);
        ended();
    }
}
