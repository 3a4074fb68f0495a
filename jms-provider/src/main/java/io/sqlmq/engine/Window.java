package io.sqlmq.engine;

import io.sqlmq.engine.Delivery.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The receiving (and, transacted, sending) side of one session in the database: a transaction that claims messages by
 * row lock, hands them over, and deletes what was acknowledged when it commits. Between windows nothing is open and no
 * connection is held.
 *
 * <p>Life of a delivery: claimed and unseen, handed over by {@link #next}, then acknowledged or given back. A
 * non-transacted window that lives longer than about 100 ms turns what is handed over into leases and lets the rest go;
 * a transacted one ends then if nothing is handed over.
 *
 * <p>One thread at a time calls it (the session's), except {@link #release}, {@link #releaseUnseen} and {@link #close},
 * which any thread may call. After an SQLException nothing is open any more: in non-transacted windows what was
 * acknowledged but not written is acknowledged in the background by the engine, everything else becomes available
 * again; in transacted ones the whole transaction is rolled back.
 *
 * <p>{@code lock} guards everything, also while a statement is on its way; the application's code never runs under it.
 */
public final class Window implements AutoCloseable {

    /** How a window ends. */
    public enum Mode {
        /** When the application commits. */
        TRANSACTED,
        /** AUTO, receive(): {@link #acknowledge} writes at once. */
        EACH,
        /** AUTO listeners and DUPS_OK: {@link #acknowledge} writes after a bounded amount of work. */
        GROUPED,
        /** CLIENT: at {@link #acknowledgeAll}. */
        CLIENT,
        /** Each message leased before it is handed over, acknowledged on its own. */
        INDIVIDUAL
    }

    /** After so many quick returns to the queue the next message is claimed along with an acknowledge. */
    private static final int EAGER_AFTER = 4;

    private static final long EAGER_NANOS = 2_000_000;

    /** A selective claim that takes longer has read many messages that it does not want. */
    private static final long SLOW_SELECTION_NANOS = 5_000_000;

    private static final int SLOW_SELECTION_MESSAGES = 10_000;

    /** How long rows that were claimed along are kept for an application that has not come back yet. */
    private static final long LINGER_NANOS = 10_000_000;

    /** How long a window that is due to become a lease may stay idle: then its process is frozen. */
    private static final long FROZEN_MILLIS = 5_000;

    private final Engine engine;
    private final Mode mode;
    private final @Nullable String idleTimeout;
    private final boolean relaxed;
    private final String nail;
    private final ClaimSize size;
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<Head, Deque<Delivery>> unseen = new HashMap<>();
    private final LinkedHashSet<Delivery> handed = new LinkedHashSet<>();
    private final List<Delivery> acknowledged = new ArrayList<>();
    private final Set<String> writers = new LinkedHashSet<>();
    /** Channels of which unseen rows are free again when the transaction has ended. */
    private final Set<String> freed = new LinkedHashSet<>();

    private volatile @Nullable Transaction transaction;
    private @Nullable SQLException doomed;
    private boolean closed;
    private boolean lastClaimFull;
    private int eager;
    private long settledAt;
    private long handedAt;
    private long groupSince;

    Window(Engine engine, Mode mode) {
        this.engine = engine;
        this.mode = mode;
        this.idleTimeout = mode == Mode.TRANSACTED
                ? null
                : Long.toString(FROZEN_MILLIS + engine.options().leaseAfter().toMillis());
        this.relaxed = mode != Mode.TRANSACTED && engine.options().asyncAck();
        this.nail =
                ReadySql.nail(mode == Mode.TRANSACTED, idleTimeout == null ? 0 : Long.parseLong(idleTimeout), relaxed);
        this.size = new ClaimSize(
                mode, engine.options().maxClaim(), engine.options().groupedWork());
    }

    // Receiving

    /**
     * The next message for {@code consumer}, or null when none can be claimed now. The message counts as handed over
     * from here on.
     */
    public @Nullable Delivery next(ChannelConsumer consumer) throws SQLException {
        if (!consumer.mayTake()) {
            return null;
        }
        lock.lock();
        try {
            checkOpen();
            noteReturn();
            Delivery delivery = find(consumer);
            if (delivery == null) {
                endIfIdle();
                return null;
            }
            handOver(delivery);
            return delivery;
        } catch (SQLException e) {
            if (engine.isDown() && doomed == null && !closed) {
                engine.log().debug("Nothing can be claimed while the database is away", e);
                return null; // whoever waits is woken when it is back
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Delivery find(ChannelConsumer consumer) throws SQLException {
        Head head = consumer.head();
        Delivery delivery = pollUnseen(head);
        if (delivery == null) {
            fill(consumer, false);
            delivery = pollUnseen(head);
        }
        if (delivery == null && engine.askToGiveWay(head.channel(), this)) {
            fill(consumer, false);
            delivery = pollUnseen(head);
        }
        return delivery;
    }

    private @Nullable Delivery pollUnseen(Head head) {
        Deque<Delivery> buffer = unseen.get(head);
        return buffer == null ? null : buffer.poll();
    }

    private void handOver(Delivery delivery) {
        if (delivery.state == State.UNSEEN) {
            delivery.state = State.HANDED;
        }
        handed.add(delivery);
        handedAt = System.nanoTime();
        if (acknowledged.isEmpty()) {
            groupSince = handedAt;
        }
    }

    /** Whether the application keeps coming back quickly, so that claiming along with the acknowledge pays. */
    private void noteReturn() {
        if (settledAt != 0) {
            eager = System.nanoTime() - settledAt < EAGER_NANOS ? Math.min(eager + 1, 100) : 0;
            settledAt = 0;
        }
    }

    /**
     * Claims for the consumer what it will need; what waits to be written travels along. Returns with the buffer filled,
     * or empty when nothing can be claimed.
     */
    private void fill(ChannelConsumer consumer, boolean speculative) throws SQLException {
        Head head = consumer.head();
        boolean lookAhead = engine.isCrowded();
        while (true) {
            boolean settles = mode != Mode.TRANSACTED && mode != Mode.CLIENT && !acknowledged.isEmpty();
            if (settles && hasLocked(handed)) {
                end(engine.options().asyncAck());
                settles = false;
            }
            int limit = Math.min(size.next(settles ? 0 : handed.size(), consumer.ordered()), consumer.maxClaim());
            Pipeline pipeline = new Pipeline();
            if (settles) {
                addAcknowledge(pipeline, acknowledged, engine.options().asyncAck());
                pipeline.add(Sql.COMMIT);
            }
            Transaction current = current();
            boolean begins = settles || !current.isOpen();
            boolean guarded = mode == Mode.TRANSACTED && !begins && !handed.isEmpty() && !current.isShared();
            if (begins) {
                begin(pipeline);
            } else if (guarded) {
                current.addClaimSavepoint(pipeline);
            }
            Claim claim = addClaim(pipeline, consumer, limit, new Situation(begins, guarded, speculative), lookAhead);
            long began = System.nanoTime();
            if (!run(pipeline, settles)) {
                return;
            }
            if (head.selection() != null && System.nanoTime() - began > SLOW_SELECTION_NANOS) {
                head.passedOver(SLOW_SELECTION_MESSAGES);
            }
            if (settles) {
                settled();
                dropUnseen();
                releasedGroups(current);
            }
            if (begins) {
                current.opened(claim.ready() != null);
            }
            if (claim.claimed().isEmpty() && !claim.complete()) {
                lookAhead = false; // what is there may be behind, or elsewhere
                head.lookEverywhere();
                continue;
            }
            if (accept(claim)) {
                return;
            }
        }
    }

    /**
     * When a claim is made.
     *
     * @param begins whether it begins the transaction
     * @param guarded whether a savepoint lies before it
     * @param speculative whether it is for an application that has not come back yet
     */
    private record Situation(boolean begins, boolean guarded, boolean speculative) {}

    /**
     * A claim and, when the pipeline has run, what it brought.
     *
     * @param mark where the channel's wake-ups stood before it
     * @param ready where it looks, null for everywhere
     * @param complete whether it finds whatever is there
     */
    private record Claim(
            ChannelConsumer consumer,
            int limit,
            Situation situation,
            long mark,
            Head.@Nullable Ready ready,
            boolean complete,
            List<Delivery> claimed) {}

    /** {@code ahead}: looks behind what this process has claimed last, where it steps over fewer locked rows. */
    private Claim addClaim(Pipeline pipeline, ChannelConsumer consumer, int limit, Situation situation, boolean ahead) {
        Head head = consumer.head();
        long mark = head.channel().version();
        List<Head.Lane> furtherOn = ahead ? head.lanesAhead() : null;
        List<Head.Lane> lanes = furtherOn == null ? head.lanes() : furtherOn;
        boolean begins = situation.begins();
        Head.Ready ready = begins && !consumer.rules().blocksWhileBackingOff() ? head.ready(lanes) : null;
        List<Delivery> claimed;
        if (ready != null) {
            pipeline.query(nail, p -> {}, rows -> {});
            claimed = engine.claims().addReady(pipeline, consumer, ready, limit);
        } else {
            head.looksEverywhere();
            List<Delivery> held = begins ? leasedRows() : heldRows();
            Collection<String> own = begins ? List.of() : writers;
            claimed = engine.claims().add(pipeline, consumer, lanes, limit, held, own, idleTimeout);
        }
        boolean complete = ready == null && furtherOn == null;
        return new Claim(consumer, limit, situation, mark, ready, complete, claimed);
    }

    /** Takes in what a claim has brought; false when it has to be repeated. */
    private boolean accept(Claim claim) throws SQLException {
        Head head = claim.consumer().head();
        List<Delivery> claimed = claim.claimed();
        head.found(claim.ready(), claimed, claim.limit());
        lastClaimFull = claimed.size() >= claim.limit();
        claimed.forEach(d -> d.consumer = claim.consumer());
        if (claimed.isEmpty()) {
            if (claim.complete()) {
                head.foundEmpty(claim.mark());
            }
            return true;
        }
        if (claim.ready() != null
                && !head.channel().sharesBodies()
                && claimed.stream().anyMatch(d -> d.payloadId != null)) {
            head.channel().setSharesBodies();
            end(relaxed);
            return false;
        }
        if (handleSpecial(claimed, claim.situation().guarded())) {
            return false;
        }
        List<Delivery> fresh =
                claimed.stream().filter(d -> d.state == State.UNSEEN).toList();
        if (fresh.isEmpty()) {
            return false;
        }
        if (fresh.stream().anyMatch(d -> d.grouped)) {
            current().holdsGroups(head.channel().name());
        }
        boolean anyFailed = fresh.stream().anyMatch(d -> d.row().failureCount() > 0);
        size.claimed(
                fresh.size(),
                fresh.stream().mapToLong(d -> d.row().content().size()).sum(),
                anyFailed);
        if (anyFailed && claim.limit() > 1 && fresh.size() > 1 && handed.isEmpty()) {
            // A message that failed before is handed over alone: should its handler kill the process, it must not
            // take others along to the dead-letter queue.
            end(false);
            return false;
        }
        if (mode == Mode.INDIVIDUAL) {
            lease(fresh);
        }
        unseen.computeIfAbsent(head, h -> new ArrayDeque<>()).addAll(fresh);
        head.taken(fresh);
        if (!claim.situation().speculative()) {
            head.channel().passOn(lastClaimFull, engine.workers());
        }
        return true;
    }

    /** The rows that this transaction holds, so that it does not claim them again. */
    private List<Delivery> heldRows() {
        List<Delivery> held = new ArrayList<>(acknowledged);
        handed.stream().filter(d -> d.state != State.LOST).forEach(held::add);
        unseen.values().forEach(held::addAll);
        return held;
    }

    /** What this window works on without a transaction: it may go on with the groups of these. */
    private List<Delivery> leasedRows() {
        return handed.stream().filter(d -> d.state == State.LEASED).toList();
    }

    /** The transaction is over: others may go on with the groups that it held. */
    private void releasedGroups(Transaction ended) {
        ended.releasedGroups().forEach(engine::groupsReleased);
    }

    /**
     * Deals with claimed rows that must not be handed over as they are. Returns true when the claim has to be repeated.
     */
    private boolean handleSpecial(List<Delivery> claimed, boolean guarded) throws SQLException {
        List<Delivery> suspects = new ArrayList<>();
        List<Delivery> expired = new ArrayList<>();
        for (Delivery delivery : claimed) {
            if (engine.repair().isSettled(delivery.row().id())) {
                delivery.state = State.ACKNOWLEDGED;
                acknowledged.add(delivery);
            } else if (delivery.expired) {
                expired.add(delivery);
            } else if (delivery.suspect) {
                suspects.add(delivery);
            }
        }
        if (!expired.isEmpty()) {
            dropExpired(expired);
        }
        if (suspects.isEmpty()) {
            return false;
        }
        if (mode == Mode.CLIENT && hasLocked(handed)) {
            Pipeline pipeline = new Pipeline();
            engine.giveBacks().add(pipeline, suspects, GiveBacks.Kind.AS_SUSPECT, null);
            run(pipeline, false);
            convert();
            engine.givenBack(suspects);
            return true;
        }
        if (guarded) {
            // The transaction cannot be committed to make the count durable: let the rows go, count from the side.
            Pipeline pipeline = new Pipeline();
            current().addRollbackToClaim(pipeline);
            Set<String> free = new HashSet<>();
            engine.claims().addHoldGroups(pipeline, claimed, free);
            run(pipeline, false);
            acknowledged.removeAll(claimed);
            // A group that somebody else has in the meantime is his to count.
            suspects.removeIf(d -> d.grouped && !free.contains(d.row().headers().group()));
            if (!suspects.isEmpty()) {
                engine.countFailures(
                        suspects,
                        claimed.stream()
                                .filter(d -> !d.grouped
                                        || free.contains(d.row().headers().group()))
                                .toList());
            }
            return true;
        }
        if (!handed.isEmpty() && mode == Mode.TRANSACTED) {
            // The application uses this transaction: the count is as durable as its outcome.
            Pipeline pipeline = new Pipeline();
            engine.giveBacks().add(pipeline, suspects, GiveBacks.Kind.AS_SUSPECT, null);
            run(pipeline, false);
            suspects.forEach(d -> d.state = State.DONE);
            return suspects.stream().anyMatch(d -> d.grouped); // others of their groups come after them
        }
        Pipeline pipeline = new Pipeline();
        engine.giveBacks().add(pipeline, suspects, GiveBacks.Kind.AS_SUSPECT, null);
        if (!acknowledged.isEmpty()) {
            addAcknowledge(pipeline, acknowledged, false);
        }
        pipeline.add(Sql.COMMIT);
        if (run(pipeline, !acknowledged.isEmpty())) {
            settled();
            closeTransaction();
        }
        engine.givenBack(suspects);
        return true;
    }

    private void dropExpired(List<Delivery> expired) throws SQLException {
        List<Delivery> parked = new ArrayList<>();
        for (Delivery delivery : expired) {
            if (delivery.rules().whenExpired(delivery.row()) == null) {
                delivery.state = State.ACKNOWLEDGED;
                acknowledged.add(delivery);
            } else {
                delivery.state = State.DONE;
                parked.add(delivery);
            }
        }
        if (!parked.isEmpty()) {
            Pipeline pipeline = new Pipeline();
            engine.giveBacks().add(pipeline, parked, GiveBacks.Kind.AS_EXPIRED, null);
            run(pipeline, false);
        }
    }

    /**
     * Takes the hand-over back: the message is unseen again and comes next. For receiveBody of the wrong type.
     */
    public void putBack(Delivery delivery) {
        lock.lock();
        try {
            if (handed.remove(delivery)) {
                if (delivery.state == State.HANDED) {
                    delivery.state = State.UNSEEN;
                }
                ChannelConsumer consumer = delivery.consumer;
                if (delivery.state != State.LOST && consumer != null) {
                    unseen.computeIfAbsent(consumer.head(), c -> new ArrayDeque<>())
                            .addFirst(delivery);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything that is handed over and neither acknowledged nor given back, oldest first. */
    public List<Delivery> handedOver() {
        lock.lock();
        try {
            return List.copyOf(handed);
        } finally {
            lock.unlock();
        }
    }

    // Acknowledging

    /** EACH, GROUPED, INDIVIDUAL: acknowledges one message that was handed over. */
    public void acknowledge(Delivery delivery) throws SQLException {
        lock.lock();
        try {
            if (!handed.remove(delivery)) {
                return;
            }
            size.worked(System.nanoTime() - handedAt);
            switch (delivery.state) {
                case HANDED -> {
                    delivery.state = State.ACKNOWLEDGED;
                    acknowledged.add(delivery);
                    if (mode == Mode.EACH || groupIsDue()) {
                        settle();
                    }
                }
                case LEASED -> acknowledgeLeased(delivery);
                case LOST -> engine.repair().acknowledge(List.of(delivery));
                default -> {}
            }
        } finally {
            lock.unlock();
        }
    }

    private void acknowledgeLeased(Delivery delivery) throws SQLException {
        try {
            engine.leases().acknowledge(List.of(delivery));
        } finally {
            if (delivery.state == State.LEASED) {
                handed.add(delivery); // refused: it can be acknowledged again, or given back
            }
        }
    }

    /** Whether a GROUPED window has to be written before the next message is handed over. */
    private boolean groupIsDue() {
        boolean nothingLeft = unseen.values().stream().allMatch(Deque::isEmpty);
        return (nothingLeft && !lastClaimFull)
                || System.nanoTime() - groupSince
                        >= engine.options().groupedWork().toNanos();
    }

    /** Writes what is acknowledged, claiming along when the application is expected back at once. */
    private void settle() throws SQLException {
        Delivery last = acknowledged.get(acknowledged.size() - 1);
        boolean claimAlong = mode == Mode.GROUPED
                ? lastClaimFull
                : eager >= EAGER_AFTER && lastClaimFull && last.row().failureCount() == 0;
        ChannelConsumer consumer = last.consumer;
        if (claimAlong && consumer != null && consumer.ordered() > 0) {
            fill(consumer, true);
            endIfIdle();
        } else {
            end(engine.options().asyncAck());
        }
        settledAt = System.nanoTime();
    }

    /** GROUPED: writes what is acknowledged and not written yet (recover, stop, close). */
    public void flush() throws SQLException {
        lock.lock();
        try {
            if (mode == Mode.GROUPED && !acknowledged.isEmpty()) {
                end(engine.options().asyncAck());
            }
        } finally {
            lock.unlock();
        }
    }

    /** CLIENT: acknowledges everything handed over and not given back. */
    public void acknowledgeAll() throws SQLException {
        lock.lock();
        try {
            List<Delivery> locked = new ArrayList<>();
            List<Delivery> leased = new ArrayList<>();
            List<Delivery> lost = new ArrayList<>();
            for (Delivery delivery : handed) {
                switch (delivery.state) {
                    case HANDED -> locked.add(delivery);
                    case LEASED -> leased.add(delivery);
                    default -> lost.add(delivery);
                }
            }
            size.ended(handed.size());
            handed.clear();
            locked.forEach(d -> d.state = State.ACKNOWLEDGED);
            acknowledged.addAll(locked);
            end(engine.options().asyncAck());
            if (!lost.isEmpty()) {
                engine.repair().acknowledge(lost);
            }
            if (!leased.isEmpty()) {
                try {
                    engine.leases().acknowledge(leased);
                } finally {
                    leased.stream().filter(d -> d.state == State.LEASED).forEach(handed::add);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    // Giving back

    /**
     * All but TRANSACTED: gives back what is named, at once and in the original order, counted as failed deliveries
     * (recover, a listener's exception).
     *
     * @param error text kept with the message, or null
     */
    public void giveBack(Collection<Delivery> deliveries, @Nullable String error) throws SQLException {
        giveBack(deliveries, GiveBacks.Kind.AT_ONCE, error);
    }

    private void giveBack(Collection<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error)
            throws SQLException {
        lock.lock();
        try {
            List<Delivery> mine = deliveries.stream()
                    .filter(handed::remove)
                    .filter(d -> d.state == State.HANDED || d.state == State.LEASED)
                    .toList();
            boolean leasedOnly = mine.stream().allMatch(d -> d.state == State.LEASED);
            if (leasedOnly && !mine.isEmpty()) {
                if (mine.stream().anyMatch(d -> d.grouped)) {
                    letGo(); // the rest of the group comes after them
                }
                engine.leases().giveBack(mine, kind, error);
            } else if (!mine.isEmpty()) {
                Pipeline pipeline = new Pipeline();
                if (!acknowledged.isEmpty()) {
                    addAcknowledge(pipeline, acknowledged, false);
                }
                int[] busy = engine.giveBacks()
                        .add(pipeline, mine, kind, error, engine.owner().idIfKnown());
                // What is still handed over (CLIENT) would lose its lock with this commit.
                List<Delivery> keep = locked(handed);
                if (!keep.isEmpty()) {
                    engine.leases().add(pipeline, keep);
                }
                pipeline.add(Sql.COMMIT);
                if (run(pipeline, !acknowledged.isEmpty())) {
                    engine.leases().taken(keep);
                    settled();
                    closeTransaction();
                    List<Delivery> leased =
                            mine.stream().filter(d -> d.state == State.LEASED).toList();
                    if (busy[0] > 0) {
                        engine.leases().giveBackLater(leased, kind, error);
                    } else {
                        engine.leases().ended(leased);
                    }
                    locked(mine).forEach(d -> d.state = State.DONE);
                }
            }
            engine.givenBack(mine);
        } finally {
            lock.unlock();
        }
    }

    // Transactions

    /** TRANSACTED: writes {@code sends} and what was received, and commits. Costs nothing when there is nothing. */
    public void commit(List<NewMessage> messages) throws SQLException {
        lock.lock();
        try {
            SQLException cause = doomed;
            if (cause != null) {
                doomed = null;
                throw new SQLException(
                        "The transaction was rolled back before the commit: " + cause.getMessage(), "40000", cause);
            }
            List<NewMessage> sends = messages;
            if (messages.stream().anyMatch(NewMessage::isSpecial)) {
                // Whether the topics are as we know them must be seen before the COMMIT is sent.
                write(messages);
                sends = List.of();
            }
            if (transaction == null && sends.isEmpty()) {
                return;
            }
            Pipeline pipeline = new Pipeline();
            Transaction current = current();
            List<Delivery> received = new ArrayList<>(acknowledged);
            received.addAll(handed);
            boolean begins = !current.isOpen();
            if (begins) {
                begin(pipeline);
            }
            if (!received.isEmpty()) {
                addAcknowledge(pipeline, received, false);
            } else if (current.isShared()) {
                pipeline.add("SELECT 1"); // COMMIT of a failed transaction is a ROLLBACK without an error
            }
            engine.inserts().add(pipeline, sends);
            pipeline.add(Sql.COMMIT);
            Claim next = null;
            ChannelConsumer comesBack = expectedBack(current);
            if (comesBack != null) {
                pipeline.add(Sql.BEGIN);
                Situation afterwards = new Situation(true, false, true);
                int limit = Math.min(size.next(0, comesBack.ordered()), comesBack.maxClaim());
                next = addClaim(pipeline, comesBack, limit, afterwards, engine.isCrowded());
            }
            List<NewMessage> written = new ArrayList<>(current.written());
            written.addAll(sends);
            String id = received.isEmpty() ? null : received.get(0).transaction;
            try {
                pipeline.run(current.connection());
            } catch (SQLException e) {
                boolean broken = Failures.isBroken(e, current.connection());
                abandon(e);
                doomed = null; // the application hears of it now
                engine.statementFailed(e, broken);
                boolean perhapsCommitted = broken || next != null; // the claim after the commit may have failed
                if (!perhapsCommitted || !engine.outcomes().isCommitted(id, received, written, e)) {
                    throw e;
                }
            }
            size.ended(handed.size());
            received.forEach(d -> d.state = State.DONE);
            engine.payloads().released(received);
            handed.clear();
            acknowledged.clear();
            if (next == null || transaction == null) {
                closeTransaction();
            } else {
                dropUnseen();
                writers.clear();
                releasedGroups(current);
                current.reopened(next.ready() != null);
                acceptAlong(next);
            }
            settledAt = System.nanoTime();
            engine.committed(written);
        } finally {
            lock.unlock();
        }
    }

    /** Whose next message is claimed along with a commit, because the application keeps coming back at once; or null. */
    private @Nullable ChannelConsumer expectedBack(Transaction current) {
        if (eager < EAGER_AFTER || !lastClaimFull || handed.isEmpty() || current.isShared() || current.hasSavepoint()) {
            return null;
        }
        ChannelConsumer consumer = null;
        for (Delivery delivery : handed) {
            consumer = delivery.consumer;
        }
        return consumer != null && consumer.ordered() > 0 ? consumer : null;
    }

    /** The commit is done; a failure of what follows it must not look like one of the commit. */
    private void acceptAlong(Claim claim) {
        try {
            accept(claim);
            endIfIdle();
        } catch (SQLException e) {
            engine.log().debug("Claiming along with a commit failed; the next claim tries again", e);
        }
    }

    /** TRANSACTED: writes sends before the commit (when they are many, or before the application takes over). */
    public void write(List<NewMessage> sends) throws SQLException {
        if (sends.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            checkOpen();
            Pipeline pipeline = new Pipeline();
            Transaction current = current();
            if (!current.isOpen()) {
                begin(pipeline);
            }
            current.addSavepoint(pipeline);
            Writing writing = new Writing(engine, sends);
            writing.add(pipeline, writers);
            run(pipeline, false);
            if (!current.isOpen()) {
                current.opened(false);
            }
            current.wrote(writing.written());
            writeAgain(current, writing.unwritten());
        } finally {
            lock.unlock();
        }
    }

    /** Publishes again what was not, because subscriptions have changed in between. */
    private void writeAgain(Transaction current, List<NewMessage> unwritten) throws SQLException {
        List<NewMessage> rest = unwritten;
        for (int round = 1; !rest.isEmpty(); round++) {
            run(engine.topics().look(rest, round), false);
            Writing writing = new Writing(engine, rest);
            Pipeline pipeline = new Pipeline();
            writing.add(pipeline, writers);
            run(pipeline, false);
            current.wrote(writing.written());
            rest = writing.unwritten();
        }
    }

    /** TRANSACTED: the identifier of the current transaction, begun if there is none; it then stays open. */
    public String transactionId() throws SQLException {
        lock.lock();
        try {
            checkOpen();
            Transaction current = current();
            String id = current.id();
            if (id == null) {
                Pipeline pipeline = new Pipeline();
                if (!current.isOpen()) {
                    begin(pipeline);
                }
                pipeline.query(Sql.TRANSACTION_ID, p -> {}, rows -> {
                    rows.next();
                    current.identified(rows.getString(1));
                });
                run(pipeline, false);
                if (!current.isOpen()) {
                    current.opened(false);
                }
                id = Objects.requireNonNull(current.id());
            }
            return id;
        } finally {
            lock.unlock();
        }
    }

    /**
     * TRANSACTED: undoes sends and the application's SQL, gives back what was handed over by the rules of each consumer.
     *
     * @param error text kept with the messages, or null
     */
    public void rollback(@Nullable String error) throws SQLException {
        rollback(GiveBacks.Kind.BY_RULES, error);
    }

    private void rollback(GiveBacks.Kind kind, @Nullable String error) throws SQLException {
        lock.lock();
        try {
            doomed = null;
            Transaction current = transaction;
            if (current == null) {
                handed.clear();
                return;
            }
            List<Delivery> mine = locked(handed);
            size.ended(handed.size());
            handed.clear();
            Pipeline pipeline = new Pipeline();
            if (current.hasSavepoint()) {
                current.addRollback(pipeline);
                // What was claimed after the savepoint is unlocked by now; an aborted lock would make it a suspect.
                List<Delivery> rest =
                        unseen.values().stream().flatMap(Collection::stream).toList();
                if (!rest.isEmpty()) {
                    engine.giveBacks().add(pipeline, rest, GiveBacks.Kind.UNCOUNTED, null);
                }
            }
            if (!mine.isEmpty()) {
                engine.giveBacks().add(pipeline, mine, kind, error);
            }
            pipeline.add(Sql.COMMIT);
            try {
                pipeline.run(current.connection());
            } catch (SQLException e) {
                boolean broken = Failures.isBroken(e, current.connection());
                abandon(e);
                doomed = null;
                engine.statementFailed(e, broken);
                if (!broken) {
                    throw e;
                }
                // It is rolled back all the same; the next claim sees the aborted locks and counts the deliveries.
                engine.log().debug("The connection broke before the rollback", e);
                return;
            }
            mine.forEach(d -> d.state = State.DONE);
            acknowledged.clear();
            closeTransaction();
            engine.givenBack(mine);
        } finally {
            lock.unlock();
        }
    }

    /**
     * TRANSACTED: the connection of the current transaction, begun if there is none, for the application's SQL. The
     * caller guards it: the application must not end the transaction.
     */
    public Connection connection() throws SQLException {
        lock.lock();
        try {
            checkOpen();
            Transaction current = current();
            if (!current.isShared()) {
                Pipeline pipeline = new Pipeline();
                if (!current.isOpen()) {
                    begin(pipeline);
                }
                current.addSavepoint(pipeline);
                if (current.isNailed()) {
                    pipeline.query(ReadySql.LOOSEN, p -> {}, rows -> {});
                    current.loosen();
                }
                if (!pipeline.isEmpty()) {
                    run(pipeline, false);
                }
                if (!current.isOpen()) {
                    current.opened(false);
                }
                current.share();
            }
            return current.connection();
        } finally {
            lock.unlock();
        }
    }

    // Letting go

    /** Lets go what is claimed for {@code consumer} and unseen (consumer closed). */
    public void releaseUnseen(ChannelConsumer consumer) {
        lock.lock();
        try {
            Deque<Delivery> buffer = unseen.get(consumer.head());
            if (buffer == null || buffer.isEmpty() || (mode == Mode.TRANSACTED && !handed.isEmpty())) {
                return; // a transaction's other consumers of the channel use the same buffer
            }
            letGo();
        } finally {
            lock.unlock();
        }
    }

    /** Lets go all that is claimed and unseen (connection stopped). Non-blocking callers wait for a statement on its way. */
    public void release() {
        lock.lock();
        try {
            if (mode != Mode.TRANSACTED || handed.isEmpty()) {
                letGo();
            }
        } finally {
            lock.unlock();
        }
    }

    /** For another window that found nothing: lets go at once if nothing is handed over. Returns whether it did. */
    boolean giveWay(Channel channel) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            boolean any = unseen.entrySet().stream()
                    .anyMatch(e ->
                            e.getKey().channel() == channel && !e.getValue().isEmpty());
            if (!any || !handed.isEmpty()) {
                return false;
            }
            letGo();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void letGo() {
        try {
            List<Delivery> leasedUnseen = new ArrayList<>();
            unseen.values()
                    .forEach(buffer ->
                            buffer.stream().filter(d -> d.state == State.LEASED).forEach(leasedUnseen::add));
            convert();
            if (!leasedUnseen.isEmpty()) {
                engine.leases().giveBack(leasedUnseen, GiveBacks.Kind.UNCOUNTED, null);
            }
            tellFreed();
            settledAt = 0;
            eager = 0;
        } catch (SQLException e) {
            engine.log().debug("Letting messages go failed; their transaction is gone and so they are free", e);
        }
    }

    /** Whether {@link #age} may have something to do; asked by a timer, without the lock. */
    boolean mayBeTooOld() {
        Transaction current = transaction;
        return current != null && current.isOpen() && current.age() >= LINGER_NANOS;
    }

    /** Called by a timer: has the window been open for too long? See the class comment. */
    void age() {
        if (!lock.tryLock()) {
            return; // in use, so not idle; the next tick looks again
        }
        try {
            Transaction current = transaction;
            if (current == null || !current.isOpen() || closed) {
                return;
            }
            boolean idle = !hasLocked(handed) && acknowledged.isEmpty() && !current.hasWork();
            if (mode == Mode.TRANSACTED && !idle) {
                return;
            }
            if (current.age()
                    >= (idle ? LINGER_NANOS : engine.options().leaseAfter().toNanos())) {
                letGo();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Non-transacted: writes what is acknowledged, leases what is handed over, lets the rest go, and commits. */
    private void convert() throws SQLException {
        Transaction current = transaction;
        dropUnseen();
        if (current == null || !current.isOpen()) {
            return;
        }
        List<Delivery> keep = mode == Mode.TRANSACTED ? List.of() : locked(handed);
        Pipeline pipeline = new Pipeline();
        if (!acknowledged.isEmpty()) {
            addAcknowledge(pipeline, acknowledged, engine.options().asyncAck());
        }
        if (!keep.isEmpty()) {
            engine.leases().add(pipeline, keep);
        }
        pipeline.add(Sql.COMMIT);
        if (run(pipeline, !acknowledged.isEmpty())) {
            engine.leases().taken(keep);
            settled();
            closeTransaction();
        }
    }

    /**
     * Ends the window: writes acknowledgements that wait for it, gives back what is handed over (counted as a delivery,
     * never as a failure), rolls back a transaction. Idempotent; does not throw: what cannot be said to the database
     * any more, the database finds out.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                if (mode == Mode.TRANSACTED) {
                    rollback(GiveBacks.Kind.ON_CLOSE, null);
                } else {
                    giveBack(List.copyOf(handed), GiveBacks.Kind.ON_CLOSE, null);
                    letGo();
                }
            } catch (SQLException e) {
                engine.log().debug("Closing a window failed; its transaction is gone and so its messages are free", e);
            }
            closeTransaction();
        } finally {
            lock.unlock();
        }
    }

    /** INDIVIDUAL: leases what was claimed and ends the transaction. */
    private void lease(List<Delivery> fresh) throws SQLException {
        Pipeline pipeline = new Pipeline();
        engine.leases().add(pipeline, fresh);
        pipeline.add(Sql.COMMIT);
        run(pipeline, false);
        engine.leases().taken(fresh);
        closeTransaction();
    }

    // The transaction

    private Transaction current() throws SQLException {
        if (transaction == null) {
            transaction = new Transaction(engine.connections().take());
            engine.windowOpened(this);
        }
        return transaction;
    }

    private void begin(Pipeline pipeline) {
        pipeline.add(Sql.BEGIN);
        long timeout = engine.options().transactionTimeout().toMillis();
        if (mode == Mode.TRANSACTED && timeout > 0) {
            pipeline.add(Sql.idleTimeout(Long.toString(timeout)));
        }
    }

    /** Commits and gives the connection back. */
    private void end(boolean relaxed) throws SQLException {
        Transaction current = transaction;
        if (current == null || !current.isOpen()) {
            return;
        }
        Pipeline pipeline = new Pipeline();
        if (!acknowledged.isEmpty()) {
            addAcknowledge(pipeline, acknowledged, relaxed);
        }
        List<Delivery> keep = mode == Mode.TRANSACTED ? List.of() : locked(handed);
        if (!keep.isEmpty()) {
            engine.leases().add(pipeline, keep);
        }
        pipeline.add(Sql.COMMIT);
        if (run(pipeline, !acknowledged.isEmpty())) {
            engine.leases().taken(keep);
            settled();
            closeTransaction();
        }
    }

    private void endIfIdle() throws SQLException {
        if (unseen.values().stream().allMatch(Deque::isEmpty)
                && !hasLocked(handed)
                && (transaction == null || !transaction.hasWork())) {
            end(false);
            Transaction current = transaction;
            if (current != null && !current.isOpen()) {
                closeTransaction();
            }
        }
    }

    private void addAcknowledge(Pipeline pipeline, List<Delivery> deliveries, boolean relaxed) {
        List<String> tids = new ArrayList<>(deliveries.size());
        List<String> twinTids = new ArrayList<>();
        for (Delivery delivery : deliveries) {
            (delivery.twin() ? twinTids : tids).add(delivery.tid);
        }
        boolean relax = relaxed || (tids.isEmpty() && mode != Mode.TRANSACTED);
        Transaction current = transaction;
        if (current != null && current.isNailed()) {
            if (this.relaxed && !relax) {
                pipeline.add(Sql.STRICT_COMMIT);
            }
            if (twinTids.isEmpty()) {
                pipeline.add(engine.sql().ready.delete, p -> p.tids(tids));
                return;
            }
        }
        pipeline.query(engine.sql().ack, p -> p.tids(tids).tids(twinTids).bool(relax), rows -> {});
    }

    /** What was acknowledged is written. */
    private void settled() {
        if (mode != Mode.CLIENT) {
            size.ended(acknowledged.size());
        }
        acknowledged.forEach(d -> d.state = State.DONE);
        engine.payloads().released(acknowledged);
        acknowledged.clear();
    }

    /** Lets others have what was let go unseen. */
    private void tellFreed() {
        List<String> channels = List.copyOf(freed);
        freed.clear();
        channels.forEach(name -> engine.announce(name, 0, 1));
    }

    private void dropUnseen() {
        unseen.forEach((head, buffer) -> {
            if (!buffer.isEmpty()) {
                head.lookBack();
                freed.add(head.channel().name());
                buffer.clear();
            }
        });
    }

    private static List<Delivery> locked(Collection<Delivery> deliveries) {
        return deliveries.stream().filter(d -> d.state == State.HANDED).toList();
    }

    private static boolean hasLocked(Collection<Delivery> deliveries) {
        return deliveries.stream().anyMatch(d -> d.state == State.HANDED);
    }

    private void closeTransaction() {
        Transaction current = transaction;
        transaction = null;
        writers.clear();
        dropUnseen();
        if (current != null) {
            engine.windowClosed(this);
            current.close();
            releasedGroups(current);
            tellFreed();
        }
    }

    /**
     * Runs statements in the current transaction; a failure ends it.
     *
     * @param acknowledges whether they commit acknowledgements
     * @return false if the connection broke over them, which the engine repairs behind the application's back
     */
    private boolean run(Pipeline pipeline, boolean acknowledges) throws SQLException {
        Transaction current = current();
        try {
            pipeline.run(current.connection());
            return true;
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, current.connection());
            List<Delivery> unwritten = mode == Mode.TRANSACTED ? List.of() : List.copyOf(acknowledged);
            abandon(e);
            engine.statementFailed(e, broken);
            if (!unwritten.isEmpty()) {
                engine.repair().settle(unwritten);
            }
            if (!broken || !acknowledges) {
                throw e;
            }
            engine.log().debug("The connection broke while acknowledging", e);
            return false;
        }
    }

    /** The transaction failed or its connection broke: nothing is held any more. */
    private void abandon(SQLException cause) {
        Transaction current = transaction;
        transaction = null;
        writers.clear();
        dropUnseen();
        acknowledged.forEach(d -> d.state = State.LOST);
        acknowledged.clear();
        for (Delivery delivery : handed) {
            if (delivery.state == State.HANDED) {
                delivery.state = State.LOST;
            }
        }
        if (mode == Mode.TRANSACTED) {
            if (!handed.isEmpty() || (current != null && current.hasWork())) {
                doomed = cause;
            }
            handed.clear();
        }
        if (current != null) {
            engine.windowClosed(this);
            current.abandon();
            releasedGroups(current);
            tellFreed();
        }
    }

    private void checkOpen() throws SQLException {
        if (closed) {
            throw new SQLException("The session is closed");
        }
    }
}
