package io.sqlmq.engine;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.Exclusives;
import io.sqlmq.engine.channel.Listening;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.channel.Notifier;
import io.sqlmq.engine.channel.Owner;
import io.sqlmq.engine.channel.QueueDiscovery;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.Claims;
import io.sqlmq.engine.claim.GiveBacks;
import io.sqlmq.engine.claim.Grace;
import io.sqlmq.engine.claim.KnownFailures;
import io.sqlmq.engine.claim.Leases;
import io.sqlmq.engine.claim.RolledBack;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.GatedSource;
import io.sqlmq.engine.jdbc.Housekeeping;
import io.sqlmq.engine.jdbc.Outage;
import io.sqlmq.engine.jdbc.Outcomes;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Reconnecting;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Silence;
import io.sqlmq.engine.jdbc.Sql;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.Audiences;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.engine.model.Standing;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.send.Deduplicating;
import io.sqlmq.engine.send.Inserts;
import io.sqlmq.engine.send.Publishing;
import io.sqlmq.engine.send.QueueDepths;
import io.sqlmq.engine.send.SendGroup;
import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.engine.send.TopicSql;
import io.sqlmq.engine.send.Topics;
import io.sqlmq.engine.send.Writing;
import io.sqlmq.engine.topic.ClientIdentifiers;
import io.sqlmq.engine.topic.DestinationRegistry;
import io.sqlmq.engine.topic.Liveness;
import io.sqlmq.engine.topic.Payloads;
import io.sqlmq.engine.topic.Subscriptions;
import io.sqlmq.engine.upkeep.Maintenance;
import io.sqlmq.engine.upkeep.Registrations;
import io.sqlmq.engine.upkeep.Temporaries;
import io.sqlmq.engine.window.JoinedReceiving;
import io.sqlmq.engine.window.OpenWindows;
import io.sqlmq.engine.window.Repair;
import io.sqlmq.engine.window.Window;
import io.sqlmq.engine.xa.Branch;
import io.sqlmq.engine.xa.PreparedBranches;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queue engine of one role on one database. Thread-safe. */
public final class Engine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final long CLOSE_SECONDS = 2;

    /** How the names of temporary channels begin. */
    public static final String TEMPORARY = "sqlmq-temp:";

    /** What a dead-letter queue is called after: temporary channels have one together, since nobody would consume theirs. */
    public static String nameForDeadLetters(String channel) {
        return channel.startsWith(TEMPORARY) ? TEMPORARY.substring(0, TEMPORARY.length() - 1) : channel;
    }

    /** Hears of outages. Called on an engine thread, without locks. */
    public interface OutageListener {
        /** The database could not be reached for longer than the grace time. */
        void outage(SQLException cause);
    }

    private final EngineOptions options;
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
    private final Grace grace;
    private final Leases leases;
    private final Temporaries temporaries = new Temporaries(this);
    private final Signatures signatures = new Signatures(this);
    private final Registrations registrations = new Registrations(this);
    private final Repair repair = new Repair(this);
    private final Outcomes outcomes = new Outcomes(this);
    private final SendGroup sends = new SendGroup(this);
    /** Messages with identifiers: writing one may have to wait for another's transaction, which must not stop the rest. */
    private final SendGroup identifiedSends = new SendGroup(this);

    private final KnownFailures knownFailures = new KnownFailures();
    private final RolledBack rolledBack = new RolledBack(this);
    private final JoinedReceiving joinedReceiving = new JoinedReceiving(this);
    private final Notifier notifier = new Notifier(this);
    private final Listening listening = new Listening(this);
    private final Outage outage = new Outage();
    private final Reconnecting reconnecting;
    private final Silence silence;
    private final ConnectionSource gated;
    private final PreparedBranches preparedBranches;
    private final Housekeeping housekeeping;
    private final Threads threads = new Threads();
    private final Channels channels = new Channels(this);
    private final OpenWindows openWindows = new OpenWindows(threads);
    private final Looks looks = new Looks(this);
    private final Recurring recurring = new Recurring(this);
    private final Maintenance maintenance;
    private final Wakeups wakeups;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** An engine that opens no connection until it is used. */
    public Engine(EngineOptions options, ConnectionSource source, Audiences audiences) {
        this.options = options;
        silence = new Silence(this, source, options.hostTimeout());
        source.watchedBy(silence::watch);
        gated = new GatedSource(source, outage, openWindows, options.connectionTimeout());
        housekeeping = new Housekeeping(this, gated);
        reconnecting = new Reconnecting(this, source, housekeeping, outage);
        sql = new Sql(options.schema(), options.maxBody());
        destinations = new DestinationRegistry(this);
        queueDiscovery = new QueueDiscovery(this);
        grace = new Grace(options);
        leases = new Leases(this, owner, grace);
        claims = new Claims(sql, leases);
        inserts = new Inserts(sql);
        giveBacks = new GiveBacks(sql, knownFailures);
        topicSql = new TopicSql(sql.schema());
        topics = new Topics(topicSql);
        publishing = new Publishing(topicSql);
        deduplicating = new Deduplicating(sql.schema());
        schedules = new Schedules(this, audiences);
        queueDepths = new QueueDepths(this);
        exclusives = new Exclusives(this);
        preparedBranches = new PreparedBranches(this);
        maintenance = new Maintenance(this);
        wakeups = new Wakeups(this, channels, notifier);
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
        silence.watchJoined(connection);
        List<NewMessage> written = Writing.writeAll(this, connection, messages, writers);
        if (options.notifyJoined() && !written.isEmpty()) {
            Pipeline pipeline = new Pipeline();
            // Nobody knows how much of a delay is left at the commit: who hears of it looks.
            Map<String, Long> due = new HashMap<>();
            written.forEach(m -> due.merge(m.wakes(), m.delay() > 0 ? Notifier.LATER : 0L, Math::min));
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

    /**
     * Takes the next message within the caller's transaction, or null. It is gone when that commits.
     *
     * @param writers the (sub)transactions whose messages are left out; those of other transactions are removed from it
     */
    public @Nullable Delivery takeJoined(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        silence.watchJoined(connection);
        return joinedReceiving.take(connection, consumer, writers);
    }

    /** As {@link #takeJoined}, where other connections can be had: messages whose last delivery failed are counted first. */
    @Nullable
    public Delivery takeInBranch(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        return joinedReceiving.takeInBranch(connection, consumer, writers);
    }

    /**
     * Sets a message aside that was taken in somebody else's transaction, and so is deleted in it, and cannot be read: when
     * that is committed. If it is rolled back the message is back, and the next who takes it does the same.
     */
    public void setAside(Connection connection, Delivery delivery, String reason) throws SQLException {
        joinedReceiving.setAside(connection, delivery, reason);
    }

    /** Why messages taken in somebody else's transaction will have failed, should it be rolled back. No SQL. */
    public void noteFailure(Collection<Delivery> taken, String error) {
        knownFailures.note(taken, error);
    }

    /**
     * A joined transaction was rolled back: what it took is counted, on an engine thread, since the caller may hold the last
     * connection of its pool.
     *
     * @param error why, or null if that is not known
     */
    public void joinedRolledBack(Collection<Delivery> taken, @Nullable String error, Collection<String> touched) {
        if (error != null) {
            noteFailure(taken, error);
        }
        if (taken.isEmpty() || closed.get()) {
            joinedEnded(touched);
            return;
        }
        threads.workers().execute(() -> {
            rolledBack.count(taken, error);
            joinedEnded(touched);
        });
    }

    /** A joined transaction has ended: its messages may be there, or those it took may be back. */
    public void joinedEnded(Collection<String> touched) {
        wakeups.joinedEnded(touched);
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
        return channels.consumer(channel, selection, rules, most, standing);
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
     *
     * @param isDeleted which of them are no more, so that what comes later is deleted. Called on engine threads
     */
    public String temporaryPrefix(Predicate<String> isDeleted) throws SQLException {
        temporaries.watch(isDeleted);
        return TEMPORARY + owner.id() + ":";
    }

    /** Deletes channels that nobody will consume from again, soon and without being waited for. */
    public void discard(List<String> names) {
        if (!names.isEmpty()) {
            channels.deleted(names);
            threads.workers().execute(() -> {
                Pipeline pipeline = new Pipeline();
                String[] channelNames = names.toArray(String[]::new);
                pipeline.add(sql.discard, p -> p.texts(channelNames).texts(channelNames))
                        .add(sql.discardSchedules, p -> p.texts(channelNames));
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
        reconnecting.add(listener);
    }

    /** Forgets a listener. */
    public void removeOutageListener(OutageListener listener) {
        reconnecting.remove(listener);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        listening.stop();
        notifier.close();
        threads.stopTimer();
        if (!outage.isDown()) {
            threads.workers().execute(listening::wakeReader);
            threads.workers().execute(this::signOff);
        }
        threads.close(CLOSE_SECONDS);
        listening.close();
        silence.close();
        housekeeping.close();
    }

    private void signOff() {
        try {
            repair.run();
            owner.drop();
        } catch (SQLException e) {
            LOG.debug("Signing off; others will see that this process is gone", e);
        }
    }

    // What the parts of the engine use of each other

    public EngineOptions options() {
        return options;
    }

    public ConnectionSource connections() {
        return gated;
    }

    public Sql sql() {
        return sql;
    }

    public Claims claims() {
        return claims;
    }

    public Inserts inserts() {
        return inserts;
    }

    public TopicSql topicSql() {
        return topicSql;
    }

    public Topics topics() {
        return topics;
    }

    public Publishing publishing() {
        return publishing;
    }

    public Deduplicating deduplicating() {
        return deduplicating;
    }

    public Exclusives exclusives() {
        return exclusives;
    }

    public Liveness liveness() {
        return liveness;
    }

    public Payloads payloads() {
        return payloads;
    }

    public GiveBacks giveBacks() {
        return giveBacks;
    }

    public KnownFailures knownFailures() {
        return knownFailures;
    }

    public RolledBack rolledBack() {
        return rolledBack;
    }

    public Owner owner() {
        return owner;
    }

    public Grace grace() {
        return grace;
    }

    public Leases leases() {
        return leases;
    }

    public Registrations registrations() {
        return registrations;
    }

    public Temporaries temporaries() {
        return temporaries;
    }

    public Signatures signatures() {
        return signatures;
    }

    public Repair repair() {
        return repair;
    }

    public Outcomes outcomes() {
        return outcomes;
    }

    public Silence silence() {
        return silence;
    }

    public Threads threads() {
        return threads;
    }

    public Channels channels() {
        return channels;
    }

    public OpenWindows openWindows() {
        return openWindows;
    }

    public boolean isClosed() {
        return closed.get();
    }

    public Recurring recurring() {
        return recurring;
    }

    public Maintenance maintenance() {
        return maintenance;
    }

    public Looks looks() {
        return looks;
    }

    public Wakeups wakeups() {
        return wakeups;
    }

    public Logger log() {
        return LOG;
    }

    /**
     * Asks whether the database takes work now: one statement, on a connection that the application does not hold.
     *
     * @throws SQLException if it does not answer, or is read-only
     */
    public void ping() throws SQLException {
        boolean[] readOnly = new boolean[1];
        runAlone(new Pipeline()
                .query("SELECT pg_catalog.current_setting('transaction_read_only')::bool", p -> {}, rows -> {
                    rows.next();
                    readOnly[0] = rows.getBoolean(1);
                }));
        if (readOnly[0]) {
            throw new SQLException("its transactions are read-only", "25006");
        }
    }

    /** Runs statements on a connection of their own, committed as they are. */
    public void runAlone(Pipeline pipeline) throws SQLException {
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
    public void runHousekeeping(Pipeline pipeline) throws SQLException {
        housekeeping.run(pipeline);
    }

    /** Counts failed deliveries while the caller's transaction goes on; {@code all} were locked by it until just now. */
    public void countFailures(List<Delivery> suspects, List<Delivery> all) throws SQLException {
        List<Delivery> others = new ArrayList<>(all);
        others.removeAll(suspects);
        Pipeline pipeline = new Pipeline();
        giveBacks.addFromSide(pipeline, suspects, GiveBacks.Kind.AS_SUSPECT);
        if (!others.isEmpty()) {
            giveBacks.addFromSide(pipeline, others, GiveBacks.Kind.UNCOUNTED);
        }
        runAlone(pipeline);
        wakeups.givenBack(all);
    }

    // Signs of life

    /** From now on others see whether this process lives. */
    public void stayAlive() {
        if (!closed.get()) {
            listening.start();
            maintenance.start();
        }
    }

    /** A consumer begins to wait. */
    public void waiting(Channel channel) {
        if (closed.get()) {
            return;
        }
        stayAlive();
        if (!channel.isRegistered() && isListening()) {
            maintenance.register(); // which looks when that is done
        } else if (channel.isNextUnknown()) {
            looks.want(channel);
        }
    }

    /** Whether {@link #waiting} has the channel looked at. */
    public boolean looksWhenWaiting(Channel channel) {
        return channel.exclusive() == null && ((!channel.isRegistered() && isListening()) || channel.isNextUnknown());
    }

    /** Leases begin: others have to see that this process lives. */
    public void leasing() {
        if (!closed.get()) {
            listening.start();
        }
    }

    public boolean isListening() {
        return listening.isListening();
    }

    /** Whether others may take this process for dead, because it has lost the lock that it promised to hold. */
    public boolean isDoubtful() {
        return options.listen() && !listening.isListening() && !listening.isUnavailable();
    }

    /** True while no commit of others goes unnoticed for longer than a NOTIFY takes. */
    public boolean hearsEverything() {
        return listening.isListening();
    }

    public void listeningChanged(boolean now) {
        if (now) {
            registerAgain();
        } else {
            unregister();
            maintenance.lockLost();
        }
    }

    /** Tells others anew on which channels this process may wait, and looks there. */
    public void registerAgain() {
        unregister();
        maintenance.register();
    }

    private void unregister() {
        channels.all().forEach(channel -> channel.setRegistered(false));
        schedules.setRegistered(false);
    }

    // Outages

    public boolean isDown() {
        return outage.isDown();
    }

    public void checkReachable() throws SQLException {
        outage.check();
    }

    /** Waits for the database as sends do. */
    public void awaitReachable() throws SQLException {
        outage.await(options.connectionTimeout().toNanos());
    }

    /** Does work on an engine thread in a moment: what has to be tried again. */
    public void soon(Runnable work) {
        threads.schedule(() -> threads.workers().execute(work), Outage.PROBE_MILLIS);
    }

    /** A statement failed; {@code broken} means that its connection did. */
    public void statementFailed(SQLException e, boolean broken) {
        if (!broken || closed.get()) {
            return;
        }
        maintenance.forgetFloors();
        reconnecting.lost(e);
    }
}
