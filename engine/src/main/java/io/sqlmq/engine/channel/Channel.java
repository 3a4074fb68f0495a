package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Texts;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one channel: who consumes it, how far its cursors have moved, and whether it is known to be
 * empty. Who waits for it is in its {@link Waiters}. Thread-safe.
 */
public final class Channel {

    /** For so many claims without any, groups are still looked for in each. */
    private static final int GROUP_TURNS = 1_000;

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final ClaimCursors cursors;
    private final Waiters waiters;
    private final WakeTimer timer = new WakeTimer();
    private final AtomicInteger consumers = new AtomicInteger();

    private volatile @Nullable ExclusiveChannel exclusive;

    private volatile boolean nextUnknown = true;
    private volatile long lookedAt = System.nanoTime();
    private volatile boolean answered;

    private volatile @Nullable String waiting;
    private volatile boolean passedWaiting;

    private final AtomicInteger groupTurns = new AtomicInteger();
    private volatile boolean registered;
    private volatile String registeredSelectors = "";
    private volatile boolean sharesBodies;
    private volatile long unusedSince = System.nanoTime();

    Channel(String name) {
        this.name = name;
        this.cursors = new ClaimCursors(this);
        this.waiters = new Waiters(cursors);
    }

    public String name() {
        return name;
    }

    // Consumers

    void consumerOpened(ChannelConsumer consumer) {
        waiters.consumerOpened(consumer);
        consumers.incrementAndGet();
    }

    void consumerClosed(ChannelConsumer consumer) {
        waiters.consumerClosed(consumer);
        cursors.endUse(consumer.cursor());
        if (consumers.decrementAndGet() == 0) {
            unusedSince = System.nanoTime();
        }
    }

    /** A consumer is there that is not like the usual ones. */
    void standsOut(ChannelConsumer consumer, Function<Channel, ExclusiveChannel> exclusives) {
        if (consumer.preference().priority() != 0) {
            waiters.prioritize();
        }
        if (consumer.preference().exclusive()) {
            waiters.exclude();
            lock.lock();
            try {
                if (exclusive == null) {
                    exclusive = exclusives.apply(this);
                }
            } finally {
                lock.unlock();
            }
            exclusive.join(consumer);
        }
    }

    /** What there is about exclusive consumers; null: there were none. */
    @Nullable
    public ExclusiveChannel exclusive() {
        return exclusive;
    }

    public boolean hasSeveralConsumers() {
        return consumers.get() > 1;
    }

    public boolean hasConsumers() {
        return consumers.get() > 0;
    }

    boolean unusedFor(long nanos) {
        return consumers.get() == 0 && System.nanoTime() - unusedSince >= nanos;
    }

    // Wake-ups

    Waiters waiters() {
        return waiters;
    }

    WakeTimer timer() {
        return timer;
    }

    /** See {@link Waiters#version}. */
    public long version() {
        return waiters.version();
    }

    /** See {@link Waiters#passOn}. */
    public void passOn(Executor executor) {
        waiters.passOn(executor);
    }

    public boolean isRegistered() {
        return registered;
    }

    public void setRegistered(boolean registered) {
        if (registered) {
            waiters.forgetVersion(); // what was committed before was not told
        }
        this.registered = registered;
    }

    /** With which selectors consumers wait here, as text for operators; empty if some have none. */
    public String selectors() {
        return Objects.requireNonNull(Texts.error(cursors.selections(consumers.get())));
    }

    /** Whether {@link #selectors} are others than operators see. */
    public boolean hasNewSelectors() {
        return registered && hasConsumers() && !selectors().equals(registeredSelectors);
    }

    /** What operators see. */
    public void setRegisteredSelectors(String selectors) {
        registeredSelectors = selectors;
    }

    /** See {@link Waiters#handedOver}. */
    public void handedOver(UUID message) {
        waiters.handedOver(message);
    }

    /** Whether a message may be due earlier than there is a timer, so that whoever waits has to look for the next. */
    public boolean isNextUnknown() {
        return nextUnknown;
    }

    void setNextUnknown(boolean nextUnknown) {
        this.nextUnknown = nextUnknown;
    }

    /** A look begins. */
    void looks() {
        nextUnknown = false;
        waiters.looks();
        lookedAt = System.nanoTime();
    }

    /** When the last look began, as of System.nanoTime. */
    long lookedAt() {
        return lookedAt;
    }

    /** Whether a look has told, or failed to; false the first time. */
    boolean setAnswered() {
        boolean before = answered;
        answered = true;
        return before;
    }

    /** Anything may be there: what looks have found before does not count any more. */
    void forgetLooks() {
        waiters.forgetVersion();
        nextUnknown = true;
        lookEverywhere();
    }

    // Groups

    /** Messages of groups were sent here or came from here. */
    void sawGroups() {
        groupTurns.set(GROUP_TURNS);
    }

    /** Whether that is not long ago. Asked once a claim. */
    boolean mayHaveGroups() {
        return groupTurns.get() > 0 && groupTurns.decrementAndGet() >= 0;
    }

    /** Whether claims look for groups now. */
    boolean hasGroups() {
        return groupTurns.get() > 0;
    }

    // Cursors

    /** Rows are due, or were given back. */
    void lookEverywhere() {
        cursors.plain().lookEverywhere();
    }

    public boolean sharesBodies() {
        return sharesBodies;
    }

    /** Rows of the channel were seen that share their bodies with others. */
    public void setSharesBodies() {
        sharesBodies = true;
    }

    /** Where rows that wait begin, as {@code mq_first_waiting} told; null: anywhere. */
    public @Nullable String waiting() {
        return waiting;
    }

    public void setWaiting(@Nullable String waiting) {
        this.waiting = waiting;
    }

    /** Messages that had waited may be gone: {@link #waiting} is to be raised. */
    public void passedWaiting() {
        passedWaiting = true;
    }

    /** Whether that was so since this was last asked. */
    public boolean hasPassedWaiting() {
        boolean passed = passedWaiting;
        passedWaiting = false;
        return passed;
    }

    public ClaimCursors cursors() {
        return cursors;
    }
}
