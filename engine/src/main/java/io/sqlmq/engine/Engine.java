package io.sqlmq.engine;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.QueueDiscovery;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.EngineReach;
import io.sqlmq.engine.model.EngineState;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.OutageListener;
import io.sqlmq.engine.model.Selection;
import io.sqlmq.engine.model.SubscriptionMatcher;
import io.sqlmq.engine.model.TemporaryNames;
import io.sqlmq.engine.model.Traffic;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.send.GroupCommit;
import io.sqlmq.engine.send.QueueDepths;
import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.engine.topic.ClientIdentifiers;
import io.sqlmq.engine.topic.DestinationRegistry;
import io.sqlmq.engine.topic.Subscriptions;
import io.sqlmq.engine.window.Window;
import io.sqlmq.engine.xa.Branch;
import io.sqlmq.engine.xa.PreparedBranches;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The queue engine of one role on one database. Thread-safe. */
public final class Engine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final long CLOSE_SECONDS = 2;

    private final EngineListeners listeners;
    private final Parts parts;

    /** An engine that opens no connection until it is used. */
    public Engine(EngineOptions options, ConnectionSource source, SubscriptionMatcher audiences) {
        this(options, source, audiences, new EngineListeners());
    }

    /**
     * As {@link #Engine(EngineOptions, ConnectionSource, SubscriptionMatcher)}.
     *
     * @param listeners who hears of what it does
     */
    public Engine(
            EngineOptions options, ConnectionSource source, SubscriptionMatcher audiences, EngineListeners listeners) {
        Traffic traffic = new Traffic();
        this.listeners = listeners.counting(traffic);
        this.parts = new Parts(options, source, audiences, this.listeners, traffic);
    }

    // What sessions use

    /** Writes messages; when it returns they are committed. Concurrent callers share commits. */
    public void send(List<NewMessage> messages) throws SQLException {
        groupFor(messages).send(messages);
    }

    private GroupCommit groupFor(List<NewMessage> messages) {
        return messages.stream().anyMatch(m -> m.deduplication() != null) ? parts.identifiedSends : parts.sends;
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
        return parts.joinedSending.send(connection, messages, writers);
    }

    /**
     * Takes the next message within the caller's transaction, or null. It is gone when that commits.
     *
     * @param writers the (sub)transactions whose messages are left out; those of other transactions are removed from it
     */
    public @Nullable Delivery takeJoined(Connection connection, ChannelConsumer consumer, Set<String> writers)
            throws SQLException {
        parts.silence.watchJoined(connection);
        return parts.joinedReceiving.take(connection, consumer, writers);
    }

    /**
     * Sets a message aside that was taken in somebody else's transaction, and so is deleted in it, and cannot be read: when
     * that is committed. If it is rolled back the message is back, and the next who takes it does the same.
     */
    public void setAside(Connection connection, Delivery delivery, String reason) throws SQLException {
        parts.joinedReceiving.setAside(connection, delivery, reason);
    }

    /** Why messages taken in somebody else's transaction will have failed, should it be rolled back. No SQL. */
    public void noteFailure(Collection<Delivery> taken, String error) {
        parts.knownFailures.note(taken, error);
    }

    /**
     * A joined transaction was rolled back: what it took is counted, on an engine thread, since the caller may hold the last
     * connection of its pool.
     *
     * @param error why, or null if that is not known
     */
    public void joinedRolledBack(Collection<Delivery> taken, @Nullable String error, Collection<String> touched) {
        countBack(taken, error, touched, back -> {});
    }

    /**
     * As {@link #joinedRolledBack}, of a transaction that was committed after it had been rolled back to a savepoint: what it took is gone
     * or there again.
     */
    public void joinedCommittedInPart(Collection<Delivery> taken, @Nullable String error, Collection<String> touched) {
        countBack(taken, error, touched, back -> {
            List<Delivery> gone = new ArrayList<>(taken);
            gone.removeAll(back);
            listeners.acknowledged(gone);
        });
    }

    private void countBack(
            Collection<Delivery> taken,
            @Nullable String error,
            Collection<String> touched,
            Consumer<List<Delivery>> counted) {
        if (error != null) {
            noteFailure(taken, error);
        }
        if (taken.isEmpty() || parts.database.isClosed()) {
            joinedEnded(touched);
            return;
        }
        parts.joinedReceiving.rolledBack(taken, error, back -> {
            counted.accept(back);
            joinedEnded(touched);
        });
    }

    /**
     * A joined transaction was committed.
     *
     * @param taken what it took
     * @param touched the channels that it took from or sent to
     * @param given of these, where there is something for others now: messages, or groups that are free
     * @param perhapsBack whether some of what it took may be back, because nobody tells when it was rolled back to a savepoint
     */
    public void joinedCommitted(
            Collection<Delivery> taken, Collection<String> touched, Collection<String> given, boolean perhapsBack) {
        listeners.acknowledged(taken);
        parts.wakeups.joinedEnded(touched, given, perhapsBack);
    }

    /** A joined transaction has ended: its messages may be there, or those it took may be back. */
    public void joinedEnded(Collection<String> touched) {
        parts.wakeups.joinedEnded(touched, touched, true);
    }

    /**
     * The ids of messages that were sent; of one that was a duplicate, that of the message which has its identifier. No statement if there
     * are none with identifiers.
     *
     * @param connection in whose transaction they were sent, or null
     */
    public List<UUID> identified(@Nullable Connection connection, List<NewMessage> messages) throws SQLException {
        return parts.deduplicating.holders(parts.database, connection, messages);
    }

    /**
     * Commits the jobs with these identifiers whose places are reserved and have not lapsed; wakes who waits for them.
     *
     * @param connection in whose transaction, or null: at once
     */
    public void commitReserved(@Nullable Connection connection, Collection<UUID> ids) throws SQLException {
        Pipeline pipeline =
                new Pipeline().query(parts.sql.commitReserved, p -> p.uuids(ids.toArray(UUID[]::new)), rows -> {});
        if (connection == null) {
            parts.database.run(pipeline);
        } else {
            pipeline.run(connection);
        }
    }

    /**
     * Registers a consumer. No SQL.
     *
     * @param selection which messages it wants, or null for all
     */
    public ChannelConsumer consumer(String channel, @Nullable Selection selection, FailureRules rules) {
        return consumer(channel, selection, rules, null, ConsumerPreference.USUAL);
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
            ConsumerPreference preference) {
        int most = maxClaim == null ? ChannelConsumer.AS_NEEDED : maxClaim;
        return parts.consumers.open(channel, selection, rules, most, preference);
    }

    /** A window for one session. No SQL, no connection. */
    public Window window(Window.Mode mode) {
        return parts.windows.open(mode);
    }

    /** A window in {@link Window.Mode#GROUPED} whose groups hold so much work, or more by the options. No SQL, no connection. */
    public Window groupedWindow(Duration work) {
        return parts.windows.openGrouped(work);
    }

    /**
     * A transaction that a transaction manager ends. No SQL, no connection.
     *
     * @param name distinguishes it from all others of the schema; at most {@link PreparedBranches#NAME_LENGTH} bytes
     */
    public Branch branch(String name) {
        return parts.branches.open(name);
    }

    /** The branches that are prepared. */
    public PreparedBranches preparedBranches() {
        return parts.preparedBranches;
    }

    /** Subscriptions to topics. */
    public Subscriptions subscriptions() {
        return parts.subscriptions;
    }

    /** Messages that are sent again and again. */
    public Schedules schedules() {
        return parts.schedules;
    }

    /** Whether queues have room. */
    public QueueDepths queueDepths() {
        return parts.queueDepths;
    }

    /** What the database knows of destinations. */
    public DestinationRegistry destinations() {
        return parts.destinations;
    }

    /** Finds queues by patterns. */
    public QueueDiscovery queueDiscovery() {
        return parts.queueDiscovery;
    }

    /** Client identifiers. */
    public ClientIdentifiers clientIdentifiers() {
        return parts.clientIdentifiers;
    }

    /** Who sends. */
    public SenderIdentity senderIdentity() {
        return parts.senderIdentity;
    }

    /** What can be done to this engine's queues. */
    public QueueAdministration administration() {
        return new QueueAdministration(
                parts.database,
                parts.sql,
                parts.sends,
                parts.destinations,
                parts.schedules,
                parts.wakeups,
                inspection());
    }

    /** What can be seen of this engine's queues. */
    public QueueInspection inspection() {
        return new QueueInspection(parts.database, parts.sql, parts.schedules);
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
        return inspection().browse(channel, selection, after, limit);
    }

    /** What predicates of selections are made of. */
    public Selection.Columns columns() {
        return parts.sql.selectionColumns();
    }

    /**
     * How the names of temporary channels of this process begin: when it dies, others delete them. One statement the first
     * time.
     *
     * @param isDeleted which of them are no more, so that what comes later is deleted. Called on engine threads
     */
    public String temporaryPrefix(Predicate<String> isDeleted) throws SQLException {
        parts.temporaries.watch(isDeleted);
        return TemporaryNames.PREFIX + parts.owner.id() + ":";
    }

    /** Deletes channels that nobody will consume from again, soon and without being waited for. */
    public void discard(List<String> names) {
        parts.temporaries.discard(names);
    }

    /** What it holds now. No SQL. */
    public EngineState state() {
        return new EngineState(
                parts.channels.waiting(), parts.openWindows.count(), parts.held.count(), parts.database.isDown());
    }

    /** How it reaches the database. No SQL. */
    public EngineReach reach() {
        return parts.outage.reach(parts.listening.status());
    }

    /** Registers a listener. */
    public void addOutageListener(OutageListener listener) {
        parts.reconnecting.add(listener);
    }

    /** Forgets a listener. */
    public void removeOutageListener(OutageListener listener) {
        parts.reconnecting.remove(listener);
    }

    @Override
    public void close() {
        if (!parts.database.close()) {
            return;
        }
        parts.listening.stop();
        parts.notifier.close();
        parts.threads.stopTimer();
        if (!parts.database.isDown()) {
            parts.threads.workers().execute(parts.listening::wakeReader);
            parts.threads.workers().execute(this::signOff);
        }
        parts.threads.close(CLOSE_SECONDS);
        parts.listening.close();
        parts.silence.close();
        parts.housekeeping.close();
    }

    private void signOff() {
        try {
            parts.pendingAcks.run();
            parts.owner.drop();
            parts.trafficReport.write(); // last: nobody misses it
        } catch (SQLException e) {
            LOG.debug("Signing off; others will see that this process is gone", e);
        }
    }

    /**
     * Asks whether the database takes work now: one statement, on a connection that the application does not hold.
     *
     * @throws SQLException if it does not answer, or is read-only
     */
    public void ping() throws SQLException {
        boolean[] readOnly = new boolean[1];
        parts.database.run(new Pipeline()
                .query("SELECT pg_catalog.current_setting('transaction_read_only')::bool", p -> {}, rows -> {
                    rows.next();
                    readOnly[0] = rows.getBoolean(1);
                }));
        if (readOnly[0]) {
            throw new SQLException("its transactions are read-only", "25006");
        }
    }
}
