package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ClaimCursor;
import io.sqlmq.engine.claim.LimitSlots;
import io.sqlmq.engine.claim.Located;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.PlannerPins;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Texts;
import io.sqlmq.engine.model.Delivery;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Receives within transactions that somebody else began: the application's, or branches. Thread-safe. */
public final class JoinedReceiving {

    private static final Logger LOG = LoggerFactory.getLogger(JoinedReceiving.class);

    /** How often a take looks again after failed deliveries were counted. */
    private static final int SETTLING_ROUNDS = 8;

    /**
     * What a take has found.
     *
     * @param unsettled something is at the head that a window has to deal with first
     * @param everywhere whether all was looked at, and not only what was announced
     */
    private record Taken(@Nullable Delivery delivery, boolean unsettled, boolean everywhere) {
        static final Taken UNSETTLED = new Taken(null, true, true);
        static final Taken NONE_ANNOUNCED = new Taken(null, false, false);

        static Taken of(@Nullable Delivery delivery) {
            return new Taken(delivery, false, true);
        }
    }

    private final Windows shared;

    /**
     * Where a window deals with what is at the head. It may hold the next message for a moment; nobody who looks then may be
     * given the one behind that.
     */
    private final Set<ClaimCursor> beingSettled = ConcurrentHashMap.newKeySet();

    /**
     * The channels of messages that are being counted after a rollback, and how often. They are locked meanwhile, and a consumer that is
     * alone is not to be given those behind them.
     */
    private final Map<String, Integer> beingCounted = new ConcurrentHashMap<>();

    public JoinedReceiving(Windows shared) {
        this.shared = shared;
    }

    /** Takes the next message within the caller's transaction, or null. It is gone when that commits. */
    @Nullable
    public Delivery take(Connection connection, ChannelConsumer consumer, Set<String> writers) throws SQLException {
        forgetOthers(connection, writers);
        // The application's pool may have no connection to spare for this thread.
        return take(
                connection, consumer, writers, () -> shared.threads.workers().execute(() -> settle(consumer)));
    }

    /** Where nobody tells the end of a transaction, there are also writers of those before it on the connection. */
    private static void forgetOthers(Connection connection, Set<String> writers) throws SQLException {
        if (writers.isEmpty()) {
            return;
        }
        Set<String> own = new HashSet<>();
        new Pipeline()
                .query(Statements.OWN_WRITERS, p -> p.texts(writers.toArray(String[]::new)), rows -> {
                    while (rows.next()) {
                        own.add(rows.getString(1));
                    }
                })
                .run(connection);
        writers.retainAll(own);
    }

    /**
     * As {@link #take}, where other connections can be had: messages whose last delivery failed are counted first, and
     * those whose body is missing are parked.
     */
    @Nullable
    public Delivery takeInBranch(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        boolean[] settled = new boolean[1];
        for (int round = 0; round < SETTLING_ROUNDS; round++) {
            settled[0] = false;
            Delivery taken = take(connection, consumer, writers, () -> {
                settle(consumer);
                settled[0] = true;
            });
            if (taken != null || !settled[0]) {
                return taken;
            }
        }
        return null;
    }

    private @Nullable Delivery take(
            Connection connection, ChannelConsumer consumer, Set<String> writers, Runnable settling)
            throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        if (!consumer.mayTake(connection)
                || beingSettled.contains(cursor)
                || (beingCounted.containsKey(consumer.channel())
                        && !cursor.channel().hasSeveralConsumers())) {
            return null;
        }
        LimitSlots.Held slots = null;
        if (consumer.isLimited()) {
            Pipeline pipeline = new Pipeline();
            slots = shared.claims.limitSlots().addHold(pipeline, consumer.channel(), true);
            pipeline.run(connection);
            if (!slots.any()) {
                letGoSlots(connection);
                consumer.comeBackIn(slots.waitMillis());
                return null;
            }
        }
        long mark = cursor.channel().version();
        long began = System.nanoTime();
        Taken found = cursor.selection() == null
                ? takePlain(connection, consumer, writers)
                : takeSelected(connection, consumer, writers);
        Delivery taken = found.delivery();
        if (slots != null && taken == null) {
            letGoSlots(connection); // also for who settles
        }
        if (found.unsettled()) {
            settling.run();
        }
        if (cursor.wasSlow(System.nanoTime() - began)) {
            shared.upkeep.moved();
        }
        if (taken == null) {
            if (found.everywhere()) {
                cursor.foundEmpty(mark);
            } else {
                cursor.foundAnnouncedTaken(mark);
            }
            return null;
        }
        if (slots != null) {
            Pipeline pipeline = new Pipeline();
            shared.claims.limitSlots().addFill(pipeline, slots, taken);
            pipeline.run(connection);
        }
        taken.rules = consumer.rules();
        taken.handedOver();
        shared.claims.knownFailures().forget(taken);
        cursor.taken(List.of(taken), false);
        consumer.got(taken);
        cursor.channel().passOn(shared.threads.workers());
        return taken;
    }

    /**
     * A transaction was rolled back, as a whole or in part, that had taken these: counts them on another thread, and then says which were
     * back.
     *
     * @param error why, as far as that is known
     */
    public void rolledBack(Collection<Delivery> taken, @Nullable String error, Consumer<List<Delivery>> counted) {
        Set<String> channels = taken.stream().map(d -> d.row().channel()).collect(Collectors.toSet());
        channels.forEach(channel -> beingCounted.merge(channel, 1, Integer::sum));
        shared.threads.workers().execute(() -> {
            List<Delivery> back;
            try {
                back = shared.claims.rolledBack().count(taken, error);
            } finally {
                channels.forEach(channel -> beingCounted.computeIfPresent(channel, (c, n) -> n == 1 ? null : n - 1));
            }
            counted.accept(back);
        });
    }

    private static void letGoSlots(Connection connection) throws SQLException {
        Pipeline pipeline = new Pipeline();
        LimitSlots.addLetGo(pipeline);
        pipeline.run(connection);
    }

    private Taken takePlain(Connection connection, ChannelConsumer consumer, Set<String> writers) throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        ClaimCursor.Ready ready = writers.isEmpty() && !consumer.rules().blocksWhileBackingOff()
                ? cursor.ready(cursor.ranges(), false, 1)
                : null;
        Taken taken = ready == null ? null : takeReady(connection, consumer, ready);
        return taken == null ? takeAnywhere(connection, consumer, writers) : taken;
    }

    /** Null: all has to be looked at. */
    private @Nullable Taken takeReady(Connection connection, ChannelConsumer consumer, ClaimCursor.Ready where)
            throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        boolean keepsExpired = shared.options.expired().queueFor(consumer.channel()) != null;
        while (true) {
            Pipeline pipeline = new Pipeline()
                    .add(Statements.TAKE_SAVEPOINT)
                    .query(PlannerPins.PIN_AND_REMEMBER, p -> {}, rows -> {});
            Long signature = shared.claims.signatures().takeSoon();
            List<Delivery> taken =
                    shared.claims.statements().addTakeReady(pipeline, consumer, where, keepsExpired, signature);
            String failure = run(connection, pipeline, signature, taken);
            if (failure != null) {
                cursor.lookEverywhere();
                return failure.equals(Failures.SUSPECT) ? Taken.UNSETTLED : null;
            }
            cursor.found(where, taken, 1);
            if (taken.isEmpty()) {
                return where.isSufficientAlone() ? Taken.NONE_ANNOUNCED : null;
            }
            if (!taken.get(0).expired) {
                return Taken.of(taken.get(0));
            }
        }
    }

    private Taken takeAnywhere(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        ClaimCursor cursor = consumer.cursor();
        String expiredTo = shared.options.expired().queueFor(consumer.channel());
        Pipeline pipeline = new Pipeline().add(Statements.TAKE_SAVEPOINT);
        Long signature = shared.claims.signatures().takeSoon();
        cursor.looksEverywhere();
        List<Delivery> taken = shared.claims.statements().addTake(pipeline, consumer, writers, expiredTo, signature);
        if (run(connection, pipeline, signature, taken) != null) {
            return Taken.UNSETTLED;
        }
        cursor.found(null, taken, 1);
        return Taken.of(taken.isEmpty() ? null : taken.get(0));
    }

    /** Runs what begins with a savepoint. Returns why nothing was taken, {@link Failures#SUSPECT} or {@link Failures#UNTAKEN}, or null. */
    private @Nullable String run(
            Connection connection, Pipeline pipeline, @Nullable Long signature, List<Delivery> found)
            throws SQLException {
        boolean signed = true;
        try {
            pipeline.add(Statements.RELEASE_TAKE_SAVEPOINT).run(connection);
            signed = !found.isEmpty();
            return null;
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (Failures.SUSPECT.equals(state) || Failures.UNTAKEN.equals(state)) {
                new Pipeline().add(Statements.ROLLBACK_TO_TAKE_SAVEPOINT).run(connection);
                return state;
            }
            throw e;
        } finally {
            ended(signature, signed);
        }
    }

    /** As {@link #takeAnywhere}, in two steps; what has expired is dropped or parked on the way. */
    private Taken takeSelected(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        while (true) {
            List<Delivery> claimed = claim(connection, consumer, writers);
            claimed.forEach(d -> d.rules = consumer.rules());
            if (claimed.stream().anyMatch(d -> d.suspect || d.large || d.isBodyMissing())) {
                new Pipeline().add(Statements.ROLLBACK_TO_TAKE_SAVEPOINT).run(connection);
                return Taken.UNSETTLED;
            }
            List<Delivery> expired = claimed.stream().filter(d -> d.expired).toList();
            List<Delivery> parked = expired.stream()
                    .filter(d -> consumer.rules().whenExpired(d.row()) != null)
                    .toList();
            Delivery taken =
                    claimed.stream().filter(d -> !d.expired).findFirst().orElse(null);
            List<Delivery> gone = new ArrayList<>(expired);
            gone.removeAll(parked);
            if (taken != null) {
                gone.add(taken);
            }
            Pipeline pipeline = new Pipeline();
            if (!parked.isEmpty()) {
                shared.claims.requeues().add(pipeline, parked, RequeueStatements.Kind.AS_EXPIRED, null);
            }
            for (Located rows : Located.of(gone)) {
                pipeline.query(
                        shared.sql.ack,
                        p -> p.text(rows.channel())
                                .tids(rows.tids())
                                .tids(rows.unloggedTids())
                                .bool(false),
                        acknowledged -> {});
            }
            pipeline.add(Statements.RELEASE_TAKE_SAVEPOINT).run(connection);
            if (taken != null || expired.isEmpty()) {
                return Taken.of(taken);
            }
        }
    }

    /** See {@code Engine#setAside}. */
    public void setAside(Connection connection, Delivery taken, String reason) throws SQLException {
        try {
            String row = committed(taken);
            new Pipeline()
                    .add(shared.sql.insertAgain(taken.unlogged()), p -> p.text(row))
                    .query(
                            shared.sql.setAside,
                            p -> p.uuid(taken.row().id())
                                    .text(taken.row().channel())
                                    .bool(taken.unlogged())
                                    .text(Texts.error(reason)),
                            rows -> {})
                    .run(connection);
        } catch (SQLException e) {
            // With a commit the message would be lost. Whoever counts its failed delivery sets it aside.
            fail(connection, e);
            shared.claims.knownFailures().noteUnreadable(taken, reason);
            throw e;
        }
    }

    /** The whole row as all others still see it: this transaction has deleted it. */
    private String committed(Delivery taken) throws SQLException {
        List<String> found = new ArrayList<>(1);
        shared.database.run(new Pipeline()
                .query(
                        shared.sql.wholeRow(taken.unlogged()),
                        p -> p.uuid(taken.row().id()).text(taken.row().channel()),
                        rows -> {
                            while (rows.next()) {
                                found.add(rows.getString(1));
                            }
                        }));
        if (found.isEmpty()) {
            throw new SQLException("message " + taken.row().id() + " is not there any more");
        }
        return found.get(0);
    }

    private static void fail(Connection connection, SQLException cause) {
        try {
            new Pipeline().add(Statements.FAIL).run(connection);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private List<Delivery> claim(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        Long signature = shared.claims.signatures().takeSoon();
        boolean signed = true;
        try {
            List<Delivery> claimed = claim(connection, consumer, writers, signature);
            signed = !claimed.isEmpty();
            return claimed;
        } finally {
            ended(signature, signed);
        }
    }

    /** Nobody may ever tell how the application's transaction ends. */
    private void ended(@Nullable Long signature, boolean signed) {
        if (signature == null) {
            return;
        }
        if (signed) {
            shared.claims.signatures().used(List.of(signature));
        } else {
            shared.claims.signatures().free(List.of(signature));
        }
    }

    private List<Delivery> claim(
            Connection connection, ChannelConsumer consumer, Set<String> writers, @Nullable Long signature)
            throws SQLException {
        String[] isolation = new String[1];
        Pipeline pipeline = new Pipeline();
        pipeline.query(shared.sql.isolation, p -> {}, rows -> {
                    rows.next();
                    isolation[0] = rows.getString(1);
                })
                .add(Statements.TAKE_SAVEPOINT);
        List<Delivery> claimed = shared.claims
                .statements()
                .add(pipeline, consumer, consumer.cursor().ranges(), 1, List.of(), writers, null, signature);
        pipeline.run(connection);
        if (!isolation[0].startsWith("read ")) {
            throw new SQLException(
                    "messages can only be received in READ COMMITTED transactions, this one is "
                            + isolation[0].toUpperCase(Locale.ROOT),
                    Failures.ISOLATION);
        }
        return claimed;
    }

    /**
     * What a claim of our own does on the way: counts failed deliveries at the head of a channel, parks what has no body, sets
     * aside what is too large.
     */
    private void settle(ChannelConsumer consumer) {
        if (!beingSettled.add(consumer.cursor())) {
            return;
        }
        try (Window window = shared.open(Window.Mode.EACH)) {
            Delivery delivery = window.next(consumer);
            if (delivery != null) {
                window.putBack(delivery);
            }
        } catch (SQLException e) {
            LOG.debug("Settling what is at the head; the next claim does it", e);
        } finally {
            beingSettled.remove(consumer.cursor());
        }
        shared.wakeups.signal(consumer.channel(), 1);
    }
}
