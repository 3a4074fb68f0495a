package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.channel.ClaimCursor.RankRange;
import io.sqlmq.engine.claim.ClaimStatements;
import io.sqlmq.engine.claim.LimitSlots;
import io.sqlmq.engine.claim.ReadyClaimStatements;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a window claims messages, alone or along with the statements that end its transaction before, and takes in what
 * a claim has brought. Guarded by the window's lock.
 */
final class Claiming {

    private static final Logger LOG = LoggerFactory.getLogger(Claiming.class);

    /** A selective claim that takes longer has read many messages that it does not want. */
    private static final long SLOW_SELECTION_NANOS = 5_000_000;

    private static final int SLOW_SELECTION_MESSAGES = 10_000;

    private static final Long[] NONE = {};

    /**
     * When a claim is made.
     *
     * @param begins whether it begins the transaction
     * @param guarded whether a savepoint lies before it
     * @param speculative whether it is for an application that has not come back yet
     * @param shares whether the connection is made ready behind it for an application that is expected to take it
     * @param slots what the transaction holds for it in a limited channel, else null
     */
    private record Situation(
            boolean begins, boolean guarded, boolean speculative, boolean shares, LimitSlots.@Nullable Held slots) {}

    /**
     * A claim and, when the pipeline has run, what it brought.
     *
     * @param sent when, by {@link System#nanoTime}
     * @param mark where the channel's wake-ups stood before it
     * @param ready where it looks, null for everywhere
     * @param opensRelaxed whether a claim of ready rows that begins a transaction has its commit not wait for the disk
     * @param complete whether it finds whatever is there
     */
    record Claim(
            ChannelConsumer consumer,
            int limit,
            Situation situation,
            long sent,
            long mark,
            ClaimCursor.@Nullable Ready ready,
            @Nullable BooleanSupplier nothingBefore,
            boolean opensRelaxed,
            boolean complete,
            List<Delivery> claimed) {

        /** Whether the planner is pinned in the transaction that it began. */
        boolean isPlannerPinned(Transaction begun) {
            return !situation.shares() && (ready != null || begun.isSessionPinned());
        }

        /** Whether it finds whatever is there if nothing comes untold, see {@link ClaimCursor.Ready#sufficient}. */
        boolean isSufficient() {
            return ready != null
                    && (ready.isSufficientAlone()
                            || (ready.sufficient() && nothingBefore != null && nothingBefore.getAsBoolean()));
        }

        /** Whether it looks only behind what this process has claimed last. */
        boolean isAhead() {
            return ready == null ? !complete : ready.untouched();
        }

        /** Whether it began one whose commit does not wait for the disk. */
        boolean isRelaxed() {
            return opensRelaxed && ready != null;
        }
    }

    private final Windows shared;
    private final Window.Mode mode;
    private final Deliveries held;
    private final WindowTransaction transaction;
    private final ReceivePacing pace;
    private final ClaimTriage triage;
    private final @Nullable String idleTimeout;
    private final boolean relaxed;
    private final @Nullable String opening;

    Claiming(Windows shared, Window.Mode mode, Deliveries held, WindowTransaction transaction, ReceivePacing pace) {
        this.shared = shared;
        this.mode = mode;
        this.held = held;
        this.transaction = transaction;
        this.pace = pace;
        this.triage = new ClaimTriage(shared, mode, held, transaction);
        long idleMillis = mode.idleMillis(shared.options);
        this.idleTimeout = idleMillis == 0 ? null : Long.toString(idleMillis);
        this.relaxed = mode.isRelaxed(shared.options);
        this.opening = ReadyClaimStatements.opening(idleMillis, relaxed);
    }

    /**
     * Claims for the consumer what it will need; what waits to be written travels along. Returns with the buffer filled,
     * or empty when nothing can be claimed.
     *
     * @param speculative whether it is for an application that has not come back yet
     */
    void fill(ChannelConsumer consumer, boolean speculative) throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        boolean lookAhead = true;
        while (true) {
            LimitSlots.Held slots = null;
            if (consumer.isLimited()) {
                slots = hold(consumer);
                if (!slots.any()) {
                    return;
                }
            }
            boolean settles = mode.settlesWithClaims() && !held.acknowledged().isEmpty();
            if (settles && held.handed().hasLocked()) {
                transaction.end(shared.options.receiving().asyncAck());
                settles = false;
            }
            int limit = limit(consumer, settles ? 0 : held.handed().size());
            Pipeline pipeline = new Pipeline();
            if (settles) {
                transaction.addAcknowledge(pipeline, shared.options.receiving().asyncAck());
                pipeline.add(Statements.COMMIT);
            }
            if (transaction.existing() == null) {
                shared.claims.signatures().prepare();
            }
            Transaction current = transaction.current();
            boolean begins = settles || !current.isOpen();
            boolean guarded = !begins && isGuarded(current);
            if (begins) {
                transaction.begin(pipeline);
            } else if (guarded && slots == null) { // else it was set before the slots were held
                current.addClaimSavepoint(pipeline);
            }
            boolean shares = begins && isSharingExpected(limit);
            Claim claim = add(
                    pipeline, consumer, limit, new Situation(begins, guarded, speculative, shares, slots), lookAhead);
            long began = System.nanoTime();
            try {
                if (!transaction.run(pipeline, settles)) {
                    return;
                }
            } catch (SQLException e) {
                if (limit > 1 && transaction.doomed() == null && Failures.isOutOfMemory(e)) {
                    pace.size().tooMuch();
                    continue;
                }
                throw e;
            }
            if (cursor.selection() != null && System.nanoTime() - began > SLOW_SELECTION_NANOS) {
                cursor.passedOver(SLOW_SELECTION_MESSAGES);
            }
            if (settles) {
                transaction.settled();
                held.unseen().drop();
                transaction.releasedGroups(current);
            }
            if (begins) {
                current.opened(claim.isPlannerPinned(current), claim.isRelaxed());
            }
            if (claim.claimed().isEmpty() && !claim.complete() && !claim.isSufficient() && !consumer.knownEmpty()) {
                if (!lookAhead || !cursor.isOnlyAnnouncedLeft()) {
                    cursor.lookEverywhere();
                }
                lookAhead = false; // what is there may be behind, or elsewhere
                continue;
            }
            if (accept(claim)) {
                return;
            }
        }
    }

    /** Holds a slot of a limited channel, in a transaction that is begun if there is none; what waits to be written is written before. */
    private LimitSlots.Held hold(ChannelConsumer consumer) throws SQLException {
        if (mode.settlesWithClaims() && !held.acknowledged().isEmpty()) {
            transaction.end(shared.options.receiving().asyncAck());
        }
        if (transaction.existing() == null) {
            shared.claims.signatures().prepare();
        }
        Transaction current = transaction.current();
        Pipeline pipeline = new Pipeline();
        boolean begins = !current.isOpen();
        if (begins) {
            transaction.begin(pipeline);
        } else if (isGuarded(current)) {
            current.addClaimSavepoint(pipeline);
        }
        LimitSlots.Held slots =
                shared.claims.limitSlots().addHold(pipeline, consumer.channel(), transaction.isApplications());
        transaction.run(pipeline, false);
        if (begins) {
            current.opened(current.isSessionPinned(), false);
        }
        if (!slots.any()) {
            consumer.comeBackIn(slots.waitMillis());
            letGo(slots);
        }
        return slots;
    }

    /** Nothing was claimed: others are not to wait for slots until the application ends its transaction. */
    private void letGo(LimitSlots.@Nullable Held slots) throws SQLException {
        if (slots != null && slots.inSavepoint()) {
            Pipeline pipeline = new Pipeline();
            LimitSlots.addLetGo(pipeline);
            transaction.run(pipeline, false);
        }
    }

    /** Whether a savepoint goes before a claim in the transaction, which is open. */
    private boolean isGuarded(Transaction current) {
        return mode.isTransacted() && !held.handed().isEmpty() && !current.isShared();
    }

    /** Whether the application is expected to take the connection after the one message of a claim that begins a transaction. */
    private boolean isSharingExpected(int limit) {
        return limit == 1 && mode.isTransacted() && pace.expectsSharing();
    }

    /** Adds a claim behind the COMMIT of a transaction, for an application that is expected back at once. */
    Claim addAlong(Pipeline pipeline, ChannelConsumer consumer) throws SQLException {
        transaction.begin(pipeline);
        int limit = limit(consumer, 0);
        Situation afterwards = new Situation(true, false, true, isSharingExpected(limit), null);
        return add(pipeline, consumer, limit, afterwards, true);
    }

    /** The commit is done; a failure of what follows it must not look like one of the commit. */
    void acceptAlong(Claim claim) {
        if (claim.claimed().isEmpty()) {
            pace.claimedInVain();
        }
        try {
            accept(claim);
            transaction.endIfIdle();
        } catch (SQLException e) {
            LOG.debug("Claiming along with a commit failed; the next claim tries again", e);
        }
    }

    private int limit(ChannelConsumer consumer, int handed) {
        return consumer.isLimited() ? 1 : Math.min(pace.size().next(handed, consumer.ordered()), consumer.maxClaim());
    }

    /**
     * Adds a claim. Among many consumers it looks behind what this process has claimed last: there it steps over fewer rows
     * that are locked, or deleted and not vacuumed yet. A consumer that is alone must not: what was committed late may be
     * from the same sender as what comes after it (§6.2.9).
     *
     * @param ahead false to look from the floors, and so that it is known what an empty claim means
     */
    private Claim add(Pipeline pipeline, ChannelConsumer consumer, int limit, Situation situation, boolean ahead)
            throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        long mark = cursor.channel().version();
        boolean begins = situation.begins();
        LimitSlots.Held slots = situation.slots();
        Long signature = transaction.sign(situation.guarded() || (slots != null && slots.inSavepoint()));
        consumer.setClaimSize(limit);
        boolean crowded = shared.openWindows.isCrowded()
                && cursor.channel().hasSeveralConsumers()
                && !cursor.isFewAnnouncedLeft();
        List<RankRange> furtherOn = ahead && crowded ? cursor.lanesAhead() : null;
        List<RankRange> ranges = furtherOn == null ? cursor.ranges() : furtherOn;
        ClaimCursor.Ready ready =
                isReadyEnough(consumer, begins) ? cursor.ready(ranges, furtherOn != null, limit) : null;
        List<Delivery> claimed;
        BooleanSupplier nothingBefore = null;
        if (ready != null) {
            if (begins) {
                transaction.current().addPins(pipeline, mode.isTransacted());
            }
            Long[] own = begins ? NONE : ClaimStatements.Held.of(held.rows()).numbers();
            String sets = situation.shares() ? transaction.current().unpinning() : begins ? opening : null;
            claimed = shared.claims.statements().addReady(pipeline, consumer, ready, limit, own, sets, signature);
            RankRange before = ready.before();
            if (!ahead && ready.sufficient() && before != null) {
                nothingBefore = shared.claims.statements().addLookBefore(pipeline, cursor.channel(), ready, before);
            }
        } else {
            if (furtherOn == null) {
                cursor.looksEverywhere();
            }
            // What is under a lease needs no transaction: a new one may go on with the groups of these.
            List<Delivery> own = begins ? held.handed().leased() : held.rows();
            Transaction current = transaction.existing();
            Collection<String> writers = begins || current == null ? List.of() : current.writers();
            claimed = shared.claims
                    .statements()
                    .add(pipeline, consumer, ranges, limit, own, writers, idleTimeout, signature);
        }
        if (situation.shares()) {
            Transaction current = transaction.current();
            current.addPreparedForSharing(pipeline, ready == null && current.isSessionPinned());
        }
        boolean complete = ready == null && furtherOn == null;
        return new Claim(
                consumer, limit, situation, System.nanoTime(), mark, ready, nothingBefore, relaxed, complete, claimed);
    }

    /** Whether the transaction and the consumer's rules allow for a claim of ready rows only. */
    private boolean isReadyEnough(ChannelConsumer consumer, boolean begins) {
        if (consumer.rules().blocksWhileBackingOff()) {
            return false;
        }
        Transaction current = transaction.existing();
        return begins
                || (current != null
                        && current.isPlannerPinned()
                        && current.writers().isEmpty());
    }

    /** Takes in what a claim has brought; false when it has to be repeated. */
    private boolean accept(Claim claim) throws SQLException {
        ClaimCursor cursor = claim.consumer().cursor();
        List<Delivery> claimed = claim.claimed();
        int all = claim.isSufficient() && claimed.size() < claim.limit() ? claimed.size() : -1;
        // Leases that ran out while the claim waited are left to those who could not renew them either.
        if (shared.grace.answered(claim.sent()) && claimed.removeIf(d -> d.countedByLease) && claimed.isEmpty()) {
            return false;
        }
        if (cursor.wasSlow(System.nanoTime() - claim.sent())) {
            shared.upkeep.moved();
        }
        cursor.found(claim.ready(), claimed, claim.limit());
        pace.claimed(claimed.size() >= claim.limit());
        claimed.forEach(d -> d.rules = claim.consumer().rules());
        if (claimed.isEmpty()) {
            if (claim.complete()) {
                cursor.foundEmpty(claim.mark());
            } else if (all == 0) {
                cursor.foundAnnouncedTaken(claim.mark());
            }
            letGo(claim.situation().slots());
            return true;
        }
        boolean bodiesMissing = claim.ready() != null
                && !cursor.channel().sharesBodies()
                && claimed.stream().anyMatch(d -> d.payloadId != null);
        if (bodiesMissing) {
            cursor.channel().setSharesBodies();
        }
        if (bodiesMissing || claimed.stream().anyMatch(d -> d.unmeasured)) {
            cursor.lookEverywhere();
            // What tells that a message is suspect is gone with this transaction's lock of it.
            if (claimed.stream().noneMatch(d -> d.suspect)) {
                return false;
            }
            claimed.removeIf(d -> !d.suspect);
        }
        if (triage.screen(claimed, claim.situation().guarded())) {
            return false;
        }
        List<Delivery> fresh =
                claimed.stream().filter(d -> d.state == State.UNSEEN).toList();
        if (fresh.isEmpty()) {
            return false;
        }
        LimitSlots.Held slots = claim.situation().slots();
        if (slots != null) {
            fresh = fresh.subList(0, 1);
            Pipeline pipeline = new Pipeline();
            shared.claims.limitSlots().addFill(pipeline, slots, fresh.get(0));
            transaction.run(pipeline, false);
        }
        if (slots != null || fresh.stream().anyMatch(d -> d.grouped)) {
            transaction.current().holdsGroups(cursor.channel().name());
        }
        boolean anyFailed = fresh.stream().anyMatch(d -> d.row().failureCount() > 0);
        pace.size()
                .claimed(
                        fresh.size(),
                        fresh.stream().mapToLong(d -> d.row().content().size()).sum(),
                        anyFailed);
        if (anyFailed
                && claim.limit() > 1
                && fresh.size() > 1
                && held.handed().isEmpty()
                && !transaction.isApplications()) {
            // A message that failed before is handed over alone: should its handler kill the process, it must not
            // take others along to the dead-letter queue.
            transaction.end(false);
            return false;
        }
        if (mode.leasesFirst()) {
            lease(fresh);
        }
        held.unseen().add(cursor, fresh);
        if (fresh.size() == all) {
            cursor.foundAnnouncedTaken(claim.mark()); // by itself
        }
        if (cursor.taken(fresh, claim.isAhead())) {
            shared.upkeep.moved();
        }
        if (!claim.situation().speculative()) {
            if (pace.expectsMore()) {
                cursor.channel().passOn(shared.threads.workers());
            } else if (claim.complete() || claim.isSufficient()) {
                cursor.foundAll(claim.mark());
            }
        }
        return true;
    }

    /** Lets go what is unseen and ends the transaction. */
    void letGo() {
        List<Delivery> leased = held.unseen().takeLeased();
        try {
            transaction.convert();
            transaction.tellFreed();
            pace.interrupted();
        } catch (SQLException e) {
            LOG.debug("Letting messages go failed; their transaction is gone and so they are free", e);
        }
        shared.claims.leases().giveBack(leased, RequeueStatements.Kind.RELEASED, null);
    }

    /** Leases what was claimed and ends the transaction. */
    private void lease(List<Delivery> fresh) throws SQLException {
        Pipeline pipeline = new Pipeline();
        shared.claims.leases().add(pipeline, fresh);
        pipeline.add(Statements.COMMIT);
        transaction.run(pipeline, false, fresh);
        shared.claims.leases().taken(fresh);
        transaction.close();
    }
}
