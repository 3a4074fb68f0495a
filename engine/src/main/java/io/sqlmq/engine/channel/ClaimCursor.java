package io.sqlmq.engine.channel;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.engine.model.TemporaryNames;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a channel as consumers with one selection see it: where the messages that they want begin, and whether
 * there are any. Thread-safe.
 */
public final class ClaimCursor {

    /** Floors are raised after so many messages. */
    public static final int MESSAGES = 1_000;

    /** Or as soon as all claims together have read so many in vain, which claims of few messages do before. */
    private static final int READ_IN_VAIN = 10 * MESSAGES;

    /** How many claims look at the unlogged table only when the other gives too little, for one that looks there first. */
    private static final int UNLOGGED_TURN = 8;

    /**
     * A queue that flows, or of which all is known that came and went, is looked at everywhere (due rows, the other table) at
     * least so often.
     */
    private static final long EVERYWHERE_NANOS = 100_000_000;

    /** What took longer may have read many entries of messages that are gone. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Floors are not raised again for that within this time; it doubles while it does not help. */
    private static final long SLOW_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** 9 - the default JMSPriority. */
    private static final int USUAL_RANK = 5;

    /**
     * A range of ranks where a claim looks, see mq_claim.
     *
     * @param floor where the ready rows of {@code from} begin
     * @param unloggedFloor the same in the unlogged table
     * @param groupedFloor the same of rows of groups
     */
    public record RankRange(int from, int to, long floor, long unloggedFloor, long groupedFloor) {
        /** Everywhere. */
        public static final List<RankRange> ALL = List.of(new RankRange(0, 9, 0, 0, 0));
    }

    /**
     * Where a claim looks that does not look everywhere.
     *
     * @param before nothing may be ready here
     * @param untouched whether rows that somebody has locked, now or once, are left to the claims that look everywhere
     * @param sufficient whether nothing is elsewhere that could be claimed, if nothing is in {@code before}: all that is there was
     *     announced, and is there
     */
    public record Ready(
            boolean unlogged, @Nullable RankRange before, RankRange range, boolean untouched, boolean sufficient) {

        /** Whether nothing is elsewhere that could be claimed. */
        public boolean isSufficientAlone() {
            return sufficient && before == null;
        }
    }

    private final Channel channel;
    private final @Nullable Selection selection;
    /** Then nearly all that comes is in the unlogged table. */
    private final boolean temporary;

    private final HighWaterMark highWaterMark = new HighWaterMark();
    private final AtomicInteger claims = new AtomicInteger();
    private final AtomicInteger passed = new AtomicInteger();
    /** Those of them since the channel was last seen to be empty. */
    private final AtomicInteger passedOfBacklog = new AtomicInteger();

    private final AtomicInteger readInVain = new AtomicInteger();
    private final AtomicLong slowAt = new AtomicLong(System.nanoTime() - LONGEST_PAUSE_NANOS);
    private volatile long slowPause = SLOW_PAUSE_NANOS;
    /** The last claim of the table got all it asked for. */
    private volatile boolean flowing;

    private volatile boolean unloggedFlowing;
    /** The last claim that found anything found it in the unlogged table. */
    private volatile boolean unloggedLast;
    /** Messages were announced, and no claim has looked for them yet. */
    private volatile boolean announced;

    private volatile long lookedEverywhere;
    private volatile boolean lookEverywhere = true;
    private volatile int takenRanks;
    private volatile long emptyVersion;
    private volatile List<RankRange> ranges = RankRange.ALL;

    ClaimCursor(Channel channel, @Nullable Selection selection) {
        this.channel = channel;
        this.selection = selection;
        this.temporary = TemporaryNames.isOne(channel.name());
        this.unloggedLast = temporary;
        if (selection != null) {
            takenRanks = (1 << 10) - 1; // what is passed over has any rank
        }
    }

    public Channel channel() {
        return channel;
    }

    @Nullable
    public Selection selection() {
        return selection;
    }

    /** A claim that began at {@code mark} found nothing at all. */
    public void foundEmpty(long mark) {
        emptyVersion = mark;
        foundAnnouncedTaken(mark);
    }

    /** A claim that began at {@code mark} and was sufficient found nothing. */
    public void foundAnnouncedTaken(long mark) {
        passedOfBacklog.set(0);
        if (selection == null) {
            channel.waiters().foundEmpty(mark);
        }
    }

    /** A claim that began at {@code mark} took whatever was there. */
    public void foundAll(long mark) {
        if (selection == null) {
            channel.waiters().foundAll(mark);
        }
    }

    /** Whether nothing is there but a few messages that were announced. */
    public boolean isFewAnnouncedLeft() {
        return selection == null && channel.waiters().isFewAnnouncedLeft();
    }

    /** Whether nothing is there but what was announced, all of it in one table, as far as is known without another look everywhere. */
    public boolean isOnlyAnnouncedLeft() {
        return selection == null
                && !isLookDue()
                && (channel.waiters().isOnlyAnnouncedLeft(false)
                        || channel.waiters().isOnlyAnnouncedLeft(true));
    }

    /**
     * Whether a look would be for nothing.
     *
     * @param coming whether it would be that of a consumer that was woken for it
     */
    boolean emptySinceLastSignal(boolean coming) {
        return emptyVersion == channel.version()
                || (selection == null
                        && (channel.waiters().isNothingLeft()
                                || channel.waiters().isServed(coming))
                        && System.nanoTime() - lookedEverywhere < EVERYWHERE_NANOS);
    }

    public List<RankRange> ranges() {
        return ranges;
    }

    public void setLanes(List<RankRange> ranges) {
        this.ranges = ranges;
    }

    /**
     * rank ranges that begin after what this process has claimed. Null when it is time to look from the floors again, for
     * what was committed late or let go.
     */
    @Nullable
    public List<RankRange> lanesAhead() {
        if (selection != null || isLookDue()) {
            return null;
        }
        List<RankRange> ahead = new ArrayList<>();
        boolean any = false;
        for (RankRange range : ranges) {
            int from = range.from();
            long floor = range.floor();
            long unloggedFloor = range.unloggedFloor();
            long groupedFloor = range.groupedFloor();
            for (int rank = range.from(); rank <= range.to(); rank++) {
                long high = highWaterMark.from(rank);
                if (high > 0) {
                    if (rank > from) {
                        ahead.add(new RankRange(from, rank - 1, floor, unloggedFloor, groupedFloor));
                        unloggedFloor = 0;
                        groupedFloor = 0;
                    }
                    from = rank;
                    floor = high;
                    any = true;
                }
            }
            ahead.add(new RankRange(from, range.to(), floor, unloggedFloor, groupedFloor));
        }
        return any ? ahead : null;
    }

    /** Rows of this cursor were let go: the next claim looks from the floors. */
    public void lookBack() {
        highWaterMark.forget();
    }

    /** Whether a claim that looks everywhere begins with the unlogged table. */
    public boolean unloggedFirst() {
        boolean turn = claims.incrementAndGet() % UNLOGGED_TURN == 0;
        return flowing || turn != temporary;
    }

    /** Messages were committed that can be delivered at once. */
    void announced() {
        announced = true;
    }

    /** Rows are due, or were given back: the next claim has to look everywhere. */
    public void lookEverywhere() {
        lookEverywhere = true;
    }

    /**
     * Where it is enough to look: where messages were announced, or while the queue flows and it is not long ago that
     * everything was looked at. Null for everywhere.
     *
     * @param ahead whether {@code among} are {@link #lanesAhead}
     * @param limit how many messages are to be claimed
     */
    @Nullable
    public Ready ready(List<RankRange> among, boolean ahead, int limit) {
        if (selection != null || channel.hasGroups() || among.size() > 2 || lookEverywhere) {
            return null;
        }
        boolean unlogged;
        boolean only = channel.waiters().isOnlyAnnouncedLeft(unloggedLast);
        boolean onlyOther = channel.waiters().isOnlyAnnouncedLeft(!unloggedLast);
        if (announced || channel.waiters().isFewAnnouncedLeft() || ((only || onlyOther) && !isLookDue())) {
            announced = false;
            unlogged = onlyOther != unloggedLast;
        } else if ((flowing || unloggedFlowing) && !isLookDue()) {
            unlogged = (claims.incrementAndGet() % UNLOGGED_TURN == 0 || !flowing) && unloggedFlowing;
        } else {
            return null;
        }
        RankRange range = among.get(among.size() - 1);
        if (ahead && !unlogged) {
            long from = highWaterMark.claims(range.from(), range.floor(), limit);
            range = new RankRange(range.from(), range.to(), from, range.unloggedFloor(), range.groupedFloor());
        }
        RankRange before = among.size() == 1 ? null : among.get(0);
        return new Ready(unlogged, before, range, ahead, !ahead && (only || onlyOther));
    }

    /** Whether everything is to be looked at, from the floors. */
    private boolean isLookDue() {
        return lookEverywhere || System.nanoTime() - lookedEverywhere > EVERYWHERE_NANOS;
    }

    /** A claim that looks everywhere begins. */
    public void looksEverywhere() {
        lookEverywhere = false;
        lookedEverywhere = System.nanoTime();
        highWaterMark.looksEverywhere(lookedEverywhere);
    }

    /** What a claim of so many messages has found. */
    public void found(@Nullable Ready where, List<Delivery> claimed, int limit) {
        boolean full = claimed.size() >= limit;
        if (!claimed.isEmpty()) {
            unloggedLast = claimed.get(0).unlogged();
        }
        if (where != null) {
            if (where.unlogged()) {
                unloggedFlowing = full;
            } else {
                flowing = full;
                if (where.untouched() && !full) {
                    highWaterMark.forget();
                }
            }
            return;
        }
        boolean due = claimed.stream().anyMatch(d -> d.due);
        if (due || claimed.stream().anyMatch(this::isBehind)) {
            if (due || !isOnlyAnnouncedLeft()) {
                lookEverywhere = true; // there may be more of them
            } else {
                lookBack();
            }
            return;
        }
        boolean unlogged = claimed.stream().anyMatch(Delivery::unlogged);
        boolean logged = !claimed.stream().allMatch(Delivery::unlogged);
        if (logged || !full) {
            flowing = logged && full;
        }
        if (unlogged || !full) {
            unloggedFlowing = unlogged && full;
        }
    }

    /** Whether the row is one of those that claims further on have left. */
    private boolean isBehind(Delivery delivery) {
        return channel.hasSeveralConsumers()
                && delivery.row().persistent()
                && !delivery.grouped
                && highWaterMark.isBehind(
                        9 - delivery.row().priority(), delivery.row().seq());
    }

    /** Whether a claim is to look for groups even if it finds enough besides. */
    public boolean looksForGroups() {
        return channel.mayHaveGroups() || claims.get() % UNLOGGED_TURN == 1;
    }

    /**
     * Messages were taken. Returns whether its floors are to be raised.
     *
     * @param ahead whether by a claim that did not begin at the floors
     */
    public boolean taken(List<Delivery> messages, boolean ahead) {
        int ranks = 0;
        if (messages.stream().anyMatch(m -> m.grouped)) {
            channel.sawGroups();
        }
        if (channel.waiting() != null && messages.stream().anyMatch(m -> m.due)) {
            channel.passedWaiting();
        }
        for (Delivery message : messages) {
            int rank = 9 - message.row().priority();
            ranks |= 1 << rank;
            if (message.row().persistent() && !message.grouped) {
                highWaterMark.claimed(rank, message.row().seq());
            }
        }
        takenRanks = takenRanks | ranks; // a lost update costs a late floor, nothing else
        passed.addAndGet(messages.size());
        if (isNearlyEmpty()) {
            passedOfBacklog.set(0);
        } else {
            int before = passedOfBacklog.getAndAdd(messages.size());
            readInVain.addAndGet(ahead ? 0 : before);
        }
        return isRaisingDue();
    }

    /** Then what is written displaces what is gone, and claims read little in vain. */
    private boolean isNearlyEmpty() {
        return selection == null
                && (channel.waiters().isNothingLeft() || channel.waiters().isFewAnnouncedLeft());
    }

    private boolean isRaisingDue() {
        return passed.get() >= MESSAGES || readInVain.get() >= READ_IN_VAIN;
    }

    /** A claim had to read many rows that are not wanted. */
    public void passedOver(int messages) {
        passed.addAndGet(messages);
    }

    /**
     * A claim or a look took so long. Returns whether floors are to be raised for that: messages may be gone that others have
     * taken, or this process before it was started anew.
     */
    public boolean wasSlow(long nanos) {
        if (nanos < SLOW_NANOS) {
            if (slowPause > SLOW_PAUSE_NANOS) {
                slowPause = SLOW_PAUSE_NANOS;
            }
            return false;
        }
        long last = slowAt.get();
        long now = System.nanoTime();
        if (now - last < slowPause || !slowAt.compareAndSet(last, now)) {
            return false;
        }
        slowPause = Math.min(2 * slowPause, LONGEST_PAUSE_NANOS);
        if (takenRanks == 0) {
            takenRanks = 1 << USUAL_RANK;
        }
        channel.passedWaiting();
        passed.addAndGet(MESSAGES);
        return true;
    }

    public boolean hasTakenFrom(int rank) {
        return (takenRanks & 1 << rank) != 0;
    }

    /** Whether enough to raise floors has been passed, or read in vain, since this last returned true. */
    public boolean hasPassedMany() {
        if (!isRaisingDue()) {
            return false;
        }
        passed.set(0);
        passedOfBacklog.set(0);
        readInVain.set(0);
        return true;
    }
}
