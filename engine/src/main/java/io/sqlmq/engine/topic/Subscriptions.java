package io.sqlmq.engine.topic;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Liveness;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.SubscriptionRefusedException;
import io.sqlmq.engine.model.SubscriptionRefusedException.Reason;
import io.sqlmq.engine.model.SubscriptionRequest;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Subscriptions and their consumers in this process. Thread-safe. */
public final class Subscriptions {

    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);

    /** See {@link Recurring}. */
    public static final String SWEEP_GONE = "the sweep of subscriptions that are gone";

    private static final int SWEEP_ROWS = 1_000;

    /** Between two sweeps for those who leave: each looks at all subscriptions that ended lately. */
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Database database;
    private final Recurring recurring;
    private final Threads threads;
    private final TopicStatements topicSql;
    private final ConsumerProcess owner;
    private final Liveness liveness;
    private final Upkeep upkeep;
    private final AtomicLong consumers = new AtomicLong();
    private final Map<Long, Membership> active = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Membership> leaving = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private volatile long nextSweep = System.nanoTime();

    public Subscriptions(
            Database database,
            Recurring recurring,
            Threads threads,
            TopicStatements topicSql,
            ConsumerProcess owner,
            Liveness liveness,
            Upkeep upkeep) {
        this.database = database;
        this.recurring = recurring;
        this.threads = threads;
        this.topicSql = topicSql;
        this.owner = owner;
        this.liveness = liveness;
        this.upkeep = upkeep;
    }

    /** A consumer's part in a subscription. */
    public final class Membership {
        private final String channel;
        private final long consumer;
        private final Runnable whenLost;
        private final AtomicBoolean left = new AtomicBoolean();

        Membership(String channel, long consumer, Runnable whenLost) {
            this.channel = channel;
            this.consumer = consumer;
            this.whenLost = whenLost;
        }

        /** Where the subscription's messages are. */
        public String channel() {
            return channel;
        }

        /**
         * Ends it, at once, or when the database is there again. A subscription that is not durable goes with its last
         * consumer. Idempotent.
         */
        public void leave() {
            if (!left.compareAndSet(false, true)) {
                return;
            }
            active.remove(consumer);
            leaving.add(this);
            try {
                retry();
            } catch (SQLException e) {
                LOG.debug("A consumer will be taken off its subscription later", e);
            }
            sweepSoon();
        }
    }

    /**
     * Subscribes. All that is published after this call returns reaches the subscription.
     *
     * @param whenLost called on an engine thread when the database has taken this process for dead and has ended the
     *     membership
     * @throws SubscriptionRefusedException as its reasons say
     */
    public Membership subscribe(SubscriptionRequest request, Runnable whenLost) throws SQLException {
        int me = owner.id();
        upkeep.alive();
        long consumer = consumers.incrementAndGet();
        while (true) {
            Answer answer = ask(request, me, consumer);
            if (answer.channel() != null) {
                Membership membership = new Membership(answer.channel(), consumer, whenLost);
                active.put(consumer, membership);
                return membership;
            }
            Reason reason = Reason.valueOf(answer.refusal().toUpperCase(Locale.ROOT));
            if (reason == Reason.SHARING || !liveness.buryDead(answer.holders())) {
                throw new SubscriptionRefusedException(reason, String.valueOf(request.name()));
            }
        }
    }

    private record Answer(@Nullable String channel, String refusal, List<Integer> holders) {}

    private Answer ask(SubscriptionRequest request, int owner, long consumer) throws SQLException {
        Answer[] answer = new Answer[1];
        database.run(new Pipeline()
                .query(
                        topicSql.subscribe,
                        p -> p.text(request.topic())
                                .text(request.pattern())
                                .text(request.name())
                                .text(request.clientId())
                                .bool(request.shared())
                                .bool(request.durable())
                                .text(request.selector())
                                .text(request.noLocal())
                                .integer(owner)
                                .bigint(consumer),
                        rows -> {
                            rows.next();
                            answer[0] =
                                    new Answer(rows.getString(1), String.valueOf(rows.getString(2)), integers(rows, 3));
                        }));
        return answer[0];
    }

    /**
     * Deletes a durable subscription and its messages.
     *
     * @throws SubscriptionRefusedException when there is none, or it has a consumer
     */
    public void unsubscribe(String name, String clientId) throws SQLException {
        while (true) {
            boolean[] found = new boolean[1];
            List<Integer> holders = new ArrayList<>();
            database.run(new Pipeline()
                    .query(topicSql.unsubscribe, p -> p.text(name).text(clientId), rows -> {
                        rows.next();
                        found[0] = rows.getBoolean(1);
                        holders.addAll(integers(rows, 2));
                    }));
            if (!found[0]) {
                throw new SubscriptionRefusedException(Reason.UNKNOWN, name);
            }
            if (holders.isEmpty()) {
                sweepSoon();
                return;
            }
            if (!liveness.buryDead(holders)) {
                throw new SubscriptionRefusedException(Reason.ACTIVE, name);
            }
        }
    }

    private static List<Integer> integers(ResultSet rows, int column) throws SQLException {
        Array array = rows.getArray(column);
        return array == null ? List.of() : List.of((Integer[]) array.getArray());
    }

    /** Ends what could not be ended before. */
    public void retry() throws SQLException {
        int me = owner.idIfKnown();
        Recurring.each(leaving, membership -> {
            database.run(new Pipeline()
                    .query(
                            topicSql.leave,
                            p -> p.text(membership.channel).integer(me).literal(Long.toString(membership.consumer)),
                            rows -> {}));
            leaving.remove(membership);
        });
    }

    /**
     * Puts back consumers that others have taken off their subscriptions, because this process looked dead to them; tells those
     * for which it is too late.
     */
    public void checkMine() throws SQLException {
        if (active.isEmpty()) {
            return;
        }
        List<Membership> before = List.copyOf(active.values());
        int me = owner.idIfKnown();
        Set<Long> known = new HashSet<>();
        database.run(new Pipeline().query(topicSql.channelsOf, p -> p.integer(me), rows -> {
            while (rows.next()) {
                known.add(rows.getLong(2));
            }
        }));
        Recurring.each(before, membership -> {
            if (known.contains(membership.consumer) || !active.containsKey(membership.consumer)) {
                return;
            }
            if (comesBack(membership, me)) {
                if (membership.left.get()) {
                    leaving.add(membership);
                }
            } else if (active.remove(membership.consumer) != null) {
                membership.left.set(true);
                membership.whenLost.run();
            }
        });
        retry();
    }

    private boolean comesBack(Membership membership, int me) throws SQLException {
        boolean[] back = new boolean[1];
        database.run(new Pipeline()
                .query(
                        topicSql.comeBack,
                        p -> p.text(membership.channel).integer(me).bigint(membership.consumer),
                        rows -> {
                            rows.next();
                            back[0] = rows.getBoolean(1);
                        }));
        return back[0];
    }

    private void sweepSoon() {
        if (sweeping.compareAndSet(false, true)) {
            long millis = Math.max(0, TimeUnit.NANOSECONDS.toMillis(nextSweep - System.nanoTime()));
            threads.schedule(() -> threads.workers().execute(this::sweep), millis);
        }
    }

    private void sweep() {
        nextSweep = System.nanoTime() + SWEEP_NANOS;
        sweeping.set(false);
        recurring.run(SWEEP_GONE, this::sweepGone);
    }

    /** Deletes messages of subscriptions that are gone. */
    public void sweepGone() throws SQLException {
        int[] swept = new int[1];
        do {
            database.run(new Pipeline().query(topicSql.sweepGone, p -> p.integer(SWEEP_ROWS), rows -> {
                rows.next();
                swept[0] = rows.getInt(1);
            }));
        } while (swept[0] >= SWEEP_ROWS);
    }
}
