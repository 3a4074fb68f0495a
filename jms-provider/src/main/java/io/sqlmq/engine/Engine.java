package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queue engine of one role on one database. Thread-safe. */
public final class Engine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final long PROBE_MILLIS = 200;
    private static final long CLOSE_SECONDS = 2;
    private static final int CROWD = 2;

    /** How often a take looks again after failed deliveries were counted. */
    private static final int SETTLING_ROUNDS = 8;

    /** How the names of temporary channels begin. */
    public static final String TEMPORARY = "sqlmq-temp:";

    /** Hears of outages. Called on an engine thread, without locks. */
    public interface OutageListener {
        /** The database could not be reached for longer than the grace time. */
        void outage(SQLException cause);
    }

    private final EngineOptions options;
    private final ConnectionSource source;
    private final ConnectionSource gated = new Gate();
    private final Sql sql;
    private final Claims claims;
    private final Inserts inserts;
    private final GiveBacks giveBacks;
    private final TopicSql topicSql;
    private final Topics topics;
    private final Publishing publishing;
    private final Deduplicating deduplicating;
    private final Schedules schedules;
    private final QueueDepths queueDepths;
    private final Exclusives exclusives;
    private final Subscriptions subscriptions = new Subscriptions(this);
    private final DestinationRegistry destinations;
    private final QueueDiscovery queueDiscovery;
    private final ClientIdentifiers clientIdentifiers = new ClientIdentifiers(this);
    private final Liveness liveness = new Liveness(this);
    private final Payloads payloads = new Payloads(this);
    private final SenderIdentity senderIdentity = new SenderIdentity(this);
    private final Owner owner = new Owner(this);
    private final Leases leases = new Leases(this, owner);
    private final Repair repair = new Repair(this);
    private final Outcomes outcomes = new Outcomes(this);
    private final SendGroup sends = new SendGroup(this);
    /** Messages with identifiers: writing one may have to wait for another's transaction, which must not stop the rest. */
    private final SendGroup identifiedSends = new SendGroup(this);

    private final Notifier notifier = new Notifier(this);
    private final Listening listening = new Listening(this);
    private final Outage outage = new Outage();
    private final PreparedBranches preparedBranches;
    private final Housekeeping housekeeping;
    private final Map<String, Channel> channels = new ConcurrentHashMap<>();
    private final List<OutageListener> outageListeners = new CopyOnWriteArrayList<>();
    private final ExecutorService workers;
    private final ScheduledThreadPoolExecutor timer;
    private final Maintenance maintenance;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** An engine that opens no connection until it is used. */
    public Engine(EngineOptions options, ConnectionSource source, Audiences audiences) {
        this.options = options;
        this.source = source;
        housekeeping = new Housekeeping(this, source);
        sql = new Sql(options.schema());
        destinations = new DestinationRegistry(this);
        queueDiscovery = new QueueDiscovery(this);
        claims = new Claims(sql);
        inserts = new Inserts(sql);
        giveBacks = new GiveBacks(sql);
        topicSql = new TopicSql(sql.schema());
        topics = new Topics(topicSql);
        publishing = new Publishing(topicSql);
        deduplicating = new Deduplicating(sql.schema());
        schedules = new Schedules(this, audiences);
        queueDepths = new QueueDepths(this);
        exclusives = new Exclusives(this);
        preparedBranches = new PreparedBranches(this);
        workers = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("sqlmq-engine"));
        timer = new ScheduledThreadPoolExecutor(1, daemons("sqlmq-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        maintenance = new Maintenance(this);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    // What sessions use

    /** Writes messages; when it returns they are committed. Concurrent callers share commits. */
    public void send(List<NewMessage> messages) throws SQLException {
        groupFor(messages).send(messages);
    }

    private SendGroup groupFor(List<NewMessage> messages) {
        return messages.stream().anyMatch(m -> m.deduplication() != null) ? identifiedSends : sends;
    }

    /**
     * As {@link #send} without waiting; completed on an engine thread, in the order of the calls of one thread, apart for
     * messages with and without an identifier.
     */
    public CompletableFuture<Void> sendAsync(List<NewMessage> messages) {
        return groupFor(messages).sendAsync(messages);
    }

    /**
     * Writes messages within the caller's transaction and wakes consumers after it.
     *
     * @param writers the (sub)transactions that have written messages in this transaction; this call adds to them, and
     *     {@link #takeJoined} leaves their messages out
     * @return the channels where the messages are
     */
    public Set<String> sendJoined(Connection connection, List<NewMessage> messages, Set<String> writers)
            throws SQLException {
        List<NewMessage> written = Writing.writeAll(this, connection, messages, writers);
        if (options.notifyJoined() && !written.isEmpty()) {
            Pipeline pipeline = new Pipeline();
            Map<String, Long> due = new HashMap<>();
            written.forEach(m -> due.merge(m.wakes(), m.delay(), Math::min));
            pipeline.query(
                    sql.notifyAll, // who registers as waiting now does not see what is not committed
                    p -> p.text(sql.topic)
                            .texts(due.keySet().toArray(String[]::new))
                            .bigints(due.values().toArray(Long[]::new)),
                    rows -> {});
            pipeline.run(connection);
        }
        return written.stream().map(NewMessage::wakes).collect(Collectors.toSet());
    }

    /** Takes the next message within the caller's transaction, or null. It is gone when that commits. */
    public @Nullable Delivery takeJoined(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        // The application's pool may have no connection to spare for this thread.
        return takeJoined(connection, consumer, writers, () -> workers().execute(() -> settleSuspects(consumer)));
    }

    /** As {@link #takeJoined}, where other connections can be had: messages whose last delivery failed are counted first. */
    @Nullable
    Delivery takeInBranch(Connection connection, ChannelConsumer consumer, Set<String> writers) throws SQLException {
        boolean[] settled = new boolean[1];
        for (int round = 0; round < SETTLING_ROUNDS; round++) {
            settled[0] = false;
            Delivery taken = takeJoined(connection, consumer, writers, () -> {
                settleSuspects(consumer);
                settled[0] = true;
            });
            if (taken != null || !settled[0]) {
                return taken;
            }
        }
        return null;
    }

    private @Nullable Delivery takeJoined(
            Connection connection, ChannelConsumer consumer, Set<String> writers, Runnable settling)
            throws SQLException {
        if (!consumer.mayTake()) {
            return null;
        }
        Head head = consumer.head();
        long mark = head.channel().version();
        Delivery taken = head.selection() == null
                ? takePlain(connection, consumer, writers, settling)
                : takeSelected(connection, consumer, writers, settling);
        if (taken == null) {
            head.foundEmpty(mark);
            return null;
        }
        head.taken(List.of(taken));
        head.channel().passOn(true, workers());
        return taken;
    }

    private @Nullable Delivery takePlain(
            Connection connection, ChannelConsumer consumer, Set<String> writers, Runnable settling)
            throws SQLException {
        String expiredTo = options.expiredTo() == null || !options.expiredToIsPrefix()
                ? options.expiredTo()
                : options.expiredTo() + consumer.channel();
        Pipeline pipeline = new Pipeline().add(Sql.TAKE_SAVEPOINT);
        List<Delivery> taken = claims.addTake(pipeline, consumer, writers, expiredTo);
        pipeline.add(Sql.RELEASE_TAKE_SAVEPOINT);
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            if (Failures.SUSPECT.equals(e.getSQLState())) {
                new Pipeline().add(Sql.ROLLBACK_TO_TAKE_SAVEPOINT).run(connection);
                settling.run();
                return null;
            }
            throw e;
        }
        return taken.isEmpty() ? null : taken.get(0);
    }

    /** As {@link #takePlain}, in two steps; what has expired is dropped or parked on the way. */
    private @Nullable Delivery takeSelected(
            Connection connection, ChannelConsumer consumer, Set<String> writers, Runnable settling)
            throws SQLException {
        while (true) {
            List<Delivery> claimed = claimJoined(connection, consumer, writers);
            if (claimed.stream().anyMatch(d -> d.suspect)) {
                new Pipeline().add(Sql.ROLLBACK_TO_TAKE_SAVEPOINT).run(connection);
                settling.run();
                return null;
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
                parked.forEach(d -> d.consumer = consumer);
                giveBacks.add(pipeline, parked, GiveBacks.Kind.AS_EXPIRED, null);
            }
            if (!gone.isEmpty()) {
                pipeline.query(
                        sql.ack,
                        p -> p.tids(gone.stream()
                                        .filter(d -> !d.twin())
                                        .map(d -> d.tid)
                                        .toList())
                                .tids(gone.stream()
                                        .filter(Delivery::twin)
                                        .map(d -> d.tid)
                                        .toList())
                                .bool(false),
                        rows -> {});
            }
            pipeline.add(Sql.RELEASE_TAKE_SAVEPOINT).run(connection);
            if (taken != null || expired.isEmpty()) {
                return taken;
            }
        }
    }

    private List<Delivery> claimJoined(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        String[] isolation = new String[1];
        Pipeline pipeline = new Pipeline();
        pipeline.query(sql.isolation, p -> {}, rows -> {
                    rows.next();
                    isolation[0] = rows.getString(1);
                })
                .add(Sql.TAKE_SAVEPOINT);
        List<Delivery> claimed = claims.add(pipeline, consumer, consumer.head().lanes(), 1, List.of(), writers, null);
        pipeline.run(connection);
        if (!isolation[0].startsWith("read ")) {
            throw new SQLException(
                    "messages can only be received in READ COMMITTED transactions, this one is "
                            + isolation[0].toUpperCase(Locale.ROOT),
                    Failures.ISOLATION);
        }
        return claimed;
    }

    /** Counts failed deliveries at the head of a channel: what a claim of our own does on the way. */
    private void settleSuspects(ChannelConsumer consumer) {
        try (Window window = window(Window.Mode.EACH)) {
            Delivery delivery = window.next(consumer);
            if (delivery != null) {
                window.putBack(delivery);
            }
        } catch (SQLException e) {
            LOG.debug("Counting failed deliveries; the next claim does it", e);
        }
        signal(consumer.channel(), 1);
    }

    /** A joined transaction has ended: its messages may be there, or those it took may be back. */
    public void joinedEnded(Collection<String> touched) {
        for (String name : touched) {
            if (name.equals(Schedules.CHANNEL)) {
                schedules.look();
            }
            Channel channel = channels.get(name);
            if (channel != null) {
                channel.signalUnknown(workers());
            }
            notifier.post(name, 0);
        }
    }

    /**
     * Registers a consumer. No SQL.
     *
     * @param selection which messages it wants, or null for all
     */
    public ChannelConsumer consumer(String channel, @Nullable Selection selection, FailureRules rules) {
        return consumer(channel, selection, rules, options.maxClaim(), Standing.USUAL);
    }

    /**
     * As {@link #consumer(String, Selection, FailureRules)}.
     *
     * @param maxClaim the most messages that are claimed for it at once; null: as many as usual
     */
    public ChannelConsumer consumer(
            String channel,
            @Nullable Selection selection,
            FailureRules rules,
            @Nullable Integer maxClaim,
            Standing standing) {
        int most = maxClaim == null ? options.maxClaim() : maxClaim;
        ChannelConsumer[] consumer = new ChannelConsumer[1];
        channels.compute(channel, (name, known) -> {
            Channel state = known == null ? new Channel(name) : known;
            consumer[0] = new ChannelConsumer(this, state.head(selection), rules, most, standing);
            state.standsOut(consumer[0], this);
            return state;
        });
        return consumer[0];
    }

    /** A window for one session. No SQL, no connection. */
    public Window window(Window.Mode mode) {
        return new Window(this, mode);
    }

    /**
     * A transaction that a transaction manager ends. No SQL, no connection.
     *
     * @param name distinguishes it from all others of the schema; at most {@link PreparedBranches#NAME_LENGTH} bytes
     */
    public Branch branch(String name) {
        return new Branch(this, name);
    }

    /** The branches that are prepared. */
    public PreparedBranches preparedBranches() {
        return preparedBranches;
    }

    /** Subscriptions to topics. */
    public Subscriptions subscriptions() {
        return subscriptions;
    }

    /** Messages that are sent again and again. */
    public Schedules schedules() {
        return schedules;
    }

    /** Whether queues have room. */
    public QueueDepths queueDepths() {
        return queueDepths;
    }

    /** What the database knows of destinations. */
    public DestinationRegistry destinations() {
        return destinations;
    }

    /** Finds queues by patterns. */
    public QueueDiscovery queueDiscovery() {
        return queueDiscovery;
    }

    /** Client identifiers. */
    public ClientIdentifiers clientIdentifiers() {
        return clientIdentifiers;
    }

    /** Who sends. */
    public SenderIdentity senderIdentity() {
        return senderIdentity;
    }

    /** Administration of this engine's queues. */
    public QueueAdministration administration() {
        return new QueueAdministration(this);
    }

    /**
     * Messages of a channel in delivery order, one page at a time, without touching them. What waits for its delivery
     * time is left out, what backs off is not.
     *
     * @param selection which messages are wanted, or null for all
     * @param after the last row of the page before, or null
     */
    public List<Delivery.Row> browse(
            String channel, @Nullable Selection selection, Delivery.@Nullable Row after, int limit)
            throws SQLException {
        return administration().browse(channel, selection, after, limit);
    }

    /** What predicates of selections are made of. */
    public Selection.Columns columns() {
        return sql.selectionColumns();
    }

    /**
     * How the names of temporary channels of this process begin: when it dies, others delete them. One statement the first
     * time.
     */
    public String temporaryPrefix() throws SQLException {
        return TEMPORARY + owner.id() + ":";
    }

    /** Deletes channels that nobody will consume from again, soon and without being waited for. */
    public void discard(List<String> names) {
        if (!names.isEmpty()) {
            workers().execute(() -> {
                Pipeline pipeline = new Pipeline();
                pipeline.add(
                        sql.discard, p -> p.texts(names.toArray(String[]::new)).texts(names.toArray(String[]::new)));
                try {
                    runAlone(pipeline);
                } catch (SQLException e) {
                    LOG.debug("Messages of {} remain until this process has ended", names, e);
                }
            });
        }
    }

    /** Registers a listener. */
    public void addOutageListener(OutageListener listener) {
        outageListeners.add(listener);
    }

    /** Forgets a listener. */
    public void removeOutageListener(OutageListener listener) {
        outageListeners.remove(listener);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listening.close();
        notifier.close();
        timer.shutdownNow();
        if (!outage.isDown()) {
            try {
                repair.run();
                owner.drop();
            } catch (SQLException e) {
                LOG.debug("Signing off; others will see that this process is gone", e);
            }
        }
        workers.shutdown();
        try {
            // What is on its way uses connections that are about to be closed.
            if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.debug("Some work of the engine goes on after its close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        housekeeping.close();
    }

    // What the parts of the engine use of each other

    EngineOptions options() {
        return options;
    }

    ConnectionSource connections() {
        return gated;
    }

    Sql sql() {
        return sql;
    }

    Claims claims() {
        return claims;
    }

    Inserts inserts() {
        return inserts;
    }

    TopicSql topicSql() {
        return topicSql;
    }

    Topics topics() {
        return topics;
    }

    Publishing publishing() {
        return publishing;
    }

    Deduplicating deduplicating() {
        return deduplicating;
    }

    Exclusives exclusives() {
        return exclusives;
    }

    Liveness liveness() {
        return liveness;
    }

    Payloads payloads() {
        return payloads;
    }

    GiveBacks giveBacks() {
        return giveBacks;
    }

    Owner owner() {
        return owner;
    }

    Leases leases() {
        return leases;
    }

    Repair repair() {
        return repair;
    }

    Outcomes outcomes() {
        return outcomes;
    }

    Logger log() {
        return LOG;
    }

    /** Runs work soon; once the engine is closed, not at all. */
    Executor workers() {
        return task -> {
            try {
                workers.execute(task);
            } catch (RejectedExecutionException e) {
                LOG.debug("The engine is closed");
            }
        };
    }

    /** Runs statements on a connection of their own, committed as they are. */
    void runAlone(Pipeline pipeline) throws SQLException {
        Connection connection = gated.takeForSend();
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            statementFailed(e, broken);
            throw e;
        }
        Failures.close(connection);
    }

    /** As {@link #runAlone}, for what the engine does by itself. */
    void runHousekeeping(Pipeline pipeline) throws SQLException {
        housekeeping.run(pipeline);
    }

    /** Counts failed deliveries while the caller's transaction goes on; {@code all} were locked by it until just now. */
    void countFailures(List<Delivery> suspects, List<Delivery> all) throws SQLException {
        List<Delivery> others = new ArrayList<>(all);
        others.removeAll(suspects);
        Pipeline pipeline = new Pipeline();
        giveBacks.addFromSide(pipeline, suspects, GiveBacks.Kind.AS_SUSPECT);
        if (!others.isEmpty()) {
            giveBacks.addFromSide(pipeline, others, GiveBacks.Kind.UNCOUNTED);
        }
        runAlone(pipeline);
        givenBack(all);
    }

    // Channels and wake-ups

    Collection<Channel> channels() {
        return channels.values();
    }

    @Nullable
    Channel knownChannel(String name) {
        return channels.get(name);
    }

    /** Forgets channels without consumers and returns those that others know of. */
    String[] dropUnusedChannels(long nanos) {
        Set<String> dropped = new LinkedHashSet<>();
        for (Channel channel : channels.values()) {
            channels.computeIfPresent(channel.name(), (name, known) -> {
                if (!known.unusedFor(nanos)) {
                    return known;
                }
                if (known.isRegistered()) {
                    dropped.add(name);
                }
                return null;
            });
        }
        return dropped.toArray(String[]::new);
    }

    /** From now on others see whether this process lives. */
    void stayAlive() {
        if (!closed.get()) {
            listening.start();
            maintenance.start();
        }
    }

    /** A consumer begins to wait. */
    void waiting(Channel channel) {
        if (closed.get()) {
            return;
        }
        stayAlive();
        if (!channel.isRegistered()) {
            maintenance.register();
        }
    }

    /** Leases begin: others have to see that this process lives. */
    void leasing() {
        if (!closed.get()) {
            listening.start();
        }
    }

    /** From now on everything happens that has to happen by itself. */
    void startMaintenance() {
        maintenance.start();
    }

    boolean isListening() {
        return listening.isListening();
    }

    /** Whether others may take this process for dead, because it has lost the lock that it promised to hold. */
    boolean isDoubtful() {
        return options.listen() && !listening.isListening() && !listening.isUnavailable();
    }

    /** True while no commit of others goes unnoticed for longer than a NOTIFY takes. */
    boolean hearsEverything() {
        return listening.isListening();
    }

    void listeningChanged(boolean now) {
        channels.values().forEach(channel -> channel.setRegistered(false));
        schedules.setRegistered(false);
        if (now) {
            maintenance.register();
        } else {
            maintenance.lockLost();
        }
    }

    /** NOTIFY from another process. */
    void heard(String channel, long dueMillis) {
        if (channel.equals(Schedules.CHANNEL)) {
            schedules.heard(dueMillis);
        }
        maintenance.wakeIn(channel, (double) dueMillis);
    }

    void signal(String name, int messages) {
        Channel channel = channels.get(name);
        if (channel != null) {
            channel.signal(messages, workers());
        }
    }

    /** Messages are committed: wakes who waits for them, here and elsewhere. */
    void committed(List<NewMessage> messages) {
        for (NewMessage message : messages) {
            Channel channel = message.headers().group() == null ? null : channels.get(message.channel());
            if (channel != null) {
                channel.sawGroups();
            }
        }
        if (messages.size() == 1) {
            NewMessage message = messages.get(0);
            announce(message.wakes(), message.delay(), 1);
            return;
        }
        Map<String, Integer> ready = new HashMap<>();
        for (NewMessage message : messages) {
            if (message.delay() > 0 || message.schedule() != null) {
                announce(message.wakes(), message.delay(), 1);
            } else {
                ready.merge(message.channel(), 1, Integer::sum);
            }
        }
        ready.forEach((channel, count) -> announce(channel, 0, count));
    }

    /** Messages were given back. */
    void givenBack(List<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            String parked = delivery.parkedIn;
            Channel channel = channels.get(delivery.row().channel());
            if (channel != null) {
                channel.lookEverywhere();
            }
            if (parked != null) {
                announce(parked, 0, 1);
            } else {
                announce(delivery.row().channel(), delivery.dueMillis, 1);
            }
        }
    }

    /** Groups of the channel are free for others: nobody knows how many of their messages there are. */
    void groupsReleased(String name) {
        Channel channel = channels.get(name);
        if (channel != null) {
            channel.signalUnknown(workers());
        }
        notifier.post(name, 0);
    }

    /** These messages are acknowledged, outside of a window. */
    void groupsReleased(List<Delivery> deliveries) {
        deliveries.stream()
                .filter(d -> d.grouped)
                .map(d -> d.row().channel())
                .distinct()
                .forEach(this::groupsReleased);
    }

    /** A prepared branch was ended by this process. */
    void branchEnded() {
        maintenance.branchEnded();
    }

    /** Anything may have been committed or let go. */
    void signalAll() {
        channels.values().forEach(channel -> channel.signal(Integer.MAX_VALUE, workers()));
    }

    void announce(String channel, long dueMillis, int count) {
        if (channel.equals(Schedules.CHANNEL)) {
            schedules.added(dueMillis);
            notifier.post(channel, dueMillis);
            return;
        }
        queueDiscovery.written(channel);
        if (dueMillis > 0) {
            maintenance.wakeIn(channel, (double) dueMillis);
        } else {
            signal(channel, count);
        }
        notifier.post(channel, dueMillis);
    }

    // Windows

    void windowOpened(Window window) {
        maintenance.start();
        maintenance.opened(window);
    }

    void windowClosed(Window window) {
        maintenance.closed(window);
    }

    /** Whether so many windows are open that their claims may be in each other's way. */
    boolean isCrowded() {
        return maintenance.openWindows().size() >= CROWD;
    }

    /** Asks windows that hold messages of the channel for an application that does not come back to let them go. */
    boolean askToGiveWay(Channel channel, Window asking) {
        boolean any = false;
        for (Window window : maintenance.openWindows()) {
            if (window != asking) {
                any |= window.giveWay(channel);
            }
        }
        return any;
    }

    // Outages

    boolean isDown() {
        return outage.isDown();
    }

    void checkReachable() throws SQLException {
        outage.check();
    }

    void scheduleRepair(long millis) {
        Runnable attempt = () -> workers().execute(() -> {
            if (!repair.run()) {
                scheduleRepair(PROBE_MILLIS);
            }
        });
        schedule(attempt, millis);
    }

    /** Does work on an engine thread in a moment: what has to be tried again. */
    void soon(Runnable work) {
        schedule(() -> workers().execute(work), PROBE_MILLIS);
    }

    /** Starts a task on the timer's thread, which must not wait for anything; does nothing once the engine is closed. */
    void schedule(Runnable task, long millis) {
        try {
            ScheduledFuture<?> unused = timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The engine is closed");
        }
    }

    /** As {@link #schedule}, for what will often not be needed. */
    Future<?> startTimer(Runnable task, long millis) {
        try {
            return timer.schedule(task, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A statement failed; {@code broken} means that its connection did. */
    void statementFailed(SQLException e, boolean broken) {
        if (!broken || closed.get()) {
            return;
        }
        maintenance.forgetFloors();
        if (outage.begins(e)) {
            LOG.info("Lost a connection to the database: {}", e.getMessage());
            schedule(this::probe, 0);
            if (options.reconnectGrace().isZero()) {
                report(e);
            } else {
                schedule(
                        () -> {
                            if (outage.isDown()) {
                                report(e);
                            }
                        },
                        options.reconnectGrace().toMillis());
            }
        }
    }

    private void report(SQLException e) {
        workers().execute(() -> outageListeners.forEach(listener -> listener.outage(e)));
    }

    private void probe() {
        workers().execute(() -> {
            try {
                Connection connection = openForProbe();
                try {
                    new Pipeline().add("SELECT 1").run(connection);
                } finally {
                    Failures.close(connection);
                }
                LOG.info("The database answers");
                source.reconnected();
                outage.ends();
                signalAll();
            } catch (SQLException e) {
                LOG.debug("The database does not answer yet", e);
                schedule(this::probe, PROBE_MILLIS);
            }
        });
    }

    private Connection openForProbe() throws SQLException {
        Connection direct = source.openForListen();
        return direct == null ? source.takeForSend() : direct;
    }

    /** Lets nobody ask the pool for connections while the database is away. */
    private final class Gate implements ConnectionSource {

        @Override
        public Connection take() throws SQLException {
            outage.check();
            return source.take();
        }

        @Override
        public Connection takeForSend() throws SQLException {
            outage.await(options.connectionTimeout().toNanos());
            return source.takeForSend();
        }

        @Override
        public Connection takeForBranch() throws SQLException {
            outage.await(options.connectionTimeout().toNanos());
            return source.takeForBranch();
        }

        @Override
        public void reconnected() {
            source.reconnected();
        }

        @Override
        public @Nullable Connection openForListen() throws SQLException {
            return source.openForListen();
        }
    }
}
