package io.sqlmq.engine;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The head of a channel as consumers with one selection see it: where the messages that they want begin, and whether
 * there are any. Thread-safe.
 */
final class Head {

    /** How many claims look at the unlogged table only when the other gives too little, for one that looks there first. */
    private static final int TWIN_TURN = 8;

    /**
     * A range of ranks where a claim looks, see mq_claim.
     *
     * @param floor where the ready rows of {@code from} begin
     * @param twinFloor the same in the unlogged table
     */
    record Lane(int from, int to, long floor, long twinFloor) {
        /** Everywhere. */
        static final List<Lane> ALL = List.of(new Lane(0, 9, 0, 0));
    }

    private final Channel channel;
    private final @Nullable Selection selection;
    private final AtomicInteger claims = new AtomicInteger();
    private final AtomicInteger passed = new AtomicInteger();
    private volatile int takenRanks;
    private volatile long emptyVersion;
    private volatile List<Lane> lanes = Lane.ALL;

    Head(Channel channel, @Nullable Selection selection) {
        this.channel = channel;
        this.selection = selection;
        if (selection != null) {
            takenRanks = (1 << 10) - 1; // what is passed over has any rank
        }
    }

    Channel channel() {
        return channel;
    }

    @Nullable
    Selection selection() {
        return selection;
    }

    /** A claim that began at {@code mark} found nothing at all. */
    void foundEmpty(long mark) {
        emptyVersion = mark;
    }

    boolean emptySinceLastSignal() {
        return emptyVersion == channel.version();
    }

    List<Lane> lanes() {
        return lanes;
    }

    void setLanes(List<Lane> lanes) {
        this.lanes = lanes;
    }

    boolean twinFirst() {
        return claims.incrementAndGet() % TWIN_TURN == 0;
    }

    /** Messages were taken from the head. */
    void taken(List<Delivery> messages) {
        int ranks = 0;
        for (Delivery message : messages) {
            ranks |= 1 << (9 - message.row().priority());
        }
        takenRanks = takenRanks | ranks; // a lost update costs a late floor, nothing else
        passed.addAndGet(messages.size());
    }

    /** A claim had to read many rows that are not wanted. */
    void passedOver(int messages) {
        passed.addAndGet(messages);
    }

    boolean hasTakenFrom(int rank) {
        return (takenRanks & 1 << rank) != 0;
    }

    /** Whether at least so many messages have been passed since this last returned true. */
    boolean hasPassed(int least) {
        int count = passed.get();
        if (count < least) {
            return false;
        }
        passed.addAndGet(-count);
        return true;
    }
}
