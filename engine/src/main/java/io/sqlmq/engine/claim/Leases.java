package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Checkpoint;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.LeaseLostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages that this process works on for longer than a transaction may stay open. A lease is in the row: its end in
 * attempt_at, its owner, and a token that fences the acknowledge. How they go on is {@link LeaseExtension}'s. Thread-safe.
 */
public final class Leases {

    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final Database database;
    private final Statements sql;
    private final EngineOptions options;
    private final Wakeups wakeups;
    private final Upkeep upkeep;
    private final ConsumerProcess owner;
    private final HeldLeases held;
    private final PendingAcks pendingAcks;
    private final Payloads payloads;
    private final EngineListeners listeners;

    public Leases(
            Database database,
            Statements sql,
            EngineOptions options,
            Wakeups wakeups,
            Upkeep upkeep,
            ConsumerProcess owner,
            HeldLeases held,
            PendingAcks pendingAcks,
            Payloads payloads,
            EngineListeners listeners) {
        this.database = database;
        this.sql = sql;
        this.options = options;
        this.wakeups = wakeups;
        this.upkeep = upkeep;
        this.owner = owner;
        this.held = held;
        this.pendingAcks = pendingAcks;
        this.payloads = payloads;
        this.listeners = listeners;
    }

    /**
     * Adds the statement that leases rows which the transaction has locked. Whatever becomes of it has to be told, by
     * {@link #taken} or {@link #inDoubt}.
     */
    public void add(Pipeline pipeline, List<Delivery> deliveries) {
        upkeep.leasing();
        long token = held.begin(deliveries);
        for (Located rows : Located.of(deliveries)) {
            pipeline.query(
                    sql.lease,
                    p -> p.text(rows.channel())
                            .tids(rows.tids())
                            .tids(rows.unloggedTids())
                            .integer(owner.id())
                            .bigint(token)
                            .bigint(options.leasing().time().toMillis()),
                    leased -> {});
        }
    }

    /** The transaction with the leases is committed. */
    public void taken(List<Delivery> deliveries) {
        held.taken(deliveries);
        deliveries.forEach(d -> d.state = Delivery.State.LEASED);
    }

    /**
     * The transaction with the leases failed, perhaps after its commit. Nobody works on these messages any more: if they are
     * leased all the same, the leases end.
     */
    public void inDoubt(List<Delivery> deliveries) {
        pendingAcks.giveBack(deliveries, RequeueStatements.Kind.LEASE_IN_DOUBT, null);
    }

    /**
     * Deletes leased messages. After a failure they are leased as before.
     *
     * @throws LeaseLostException when one or more had been given to somebody else; the others are deleted
     */
    public void acknowledge(List<Delivery> deliveries) throws SQLException {
        int n = deliveries.size();
        String[] channels = new String[n];
        UUID[] ids = new UUID[n];
        Long[] leaseTokens = new Long[n];
        for (int i = 0; i < n; i++) {
            channels[i] = deliveries.get(i).row().channel();
            ids[i] = deliveries.get(i).row().id();
            leaseTokens[i] = deliveries.get(i).leaseToken;
        }
        Set<UUID> lost = new HashSet<>();
        Set<UUID> busy = new HashSet<>();
        Pipeline pipeline = new Pipeline();
        if (options.receiving().asyncAck()) {
            pipeline.add(Statements.BEGIN).add(Statements.RELAXED_COMMIT);
        }
        KeepStatements.add(pipeline, sql, deliveries, owner.idIfKnown(), true);
        pipeline.query(
                sql.ackIds,
                p -> p.texts(channels).uuids(ids).integer(owner.id()).bigints(leaseTokens),
                rows -> {
                    while (rows.next()) {
                        (rows.getBoolean(2) ? busy : lost).add(rows.getObject(1, UUID.class));
                    }
                });
        if (options.receiving().asyncAck()) {
            pipeline.add(Statements.COMMIT);
        }
        Connection connection;
        try {
            connection = database.connections().take();
        } catch (SQLException e) {
            LOG.debug("{} acknowledgements wait for a connection", n, e);
            settleLater(deliveries);
            return;
        }
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            database.statementFailed(e, broken);
            if (!broken) {
                throw e;
            }
            settleLater(deliveries);
            return;
        }
        Failures.close(connection);
        settleLater(deliveries.stream().filter(d -> busy.contains(d.row().id())).toList());
        List<Delivery> done =
                deliveries.stream().filter(d -> !busy.contains(d.row().id())).toList();
        forget(done);
        done.forEach(d -> d.state = Delivery.State.DONE);
        wakeups.groupsReleased(done);
        payloads.released(done);
        listeners.acknowledged(
                done.stream().filter(d -> !lost.contains(d.row().id())).toList());
        if (!lost.isEmpty()) {
            throw new LeaseLostException(lost.size() + " of " + n
                    + " acknowledged messages had been given to another consumer, because this process could not renew"
                    + " its lease in time: " + lost);
        }
    }

    /** See {@link io.sqlmq.engine.window.Window#acknowledgeIn}. A row that others have locked by mistake is waited for. */
    public void acknowledgeIn(Connection connection, Delivery delivery) throws SQLException {
        boolean[] found = new boolean[1];
        Pipeline pipeline = new Pipeline();
        KeepStatements.add(pipeline, sql, List.of(delivery), owner.idIfKnown(), true);
        pipeline.query(
                        sql.deleteLeased(delivery.unlogged()),
                        p -> bindLease(p, delivery),
                        rows -> found[0] = rows.next())
                .run(connection);
        requireMine(found[0], delivery);
    }

    /** The transaction in which a leased message was deleted is committed. */
    public void acknowledgedElsewhere(Delivery delivery) {
        List<Delivery> done = List.of(delivery);
        forget(done);
        delivery.state = Delivery.State.DONE;
        wakeups.groupsReleased(done);
        payloads.released(done);
        listeners.acknowledged(done);
    }

    /** See {@link io.sqlmq.engine.window.Window#checkpoint}. */
    public void checkpoint(@Nullable Connection connection, Delivery delivery, Checkpoint checkpoint)
            throws SQLException {
        boolean[] found = new boolean[1];
        Pipeline pipeline = new Pipeline()
                .query(
                        sql.checkpointLeased(delivery.unlogged()),
                        p -> bindLease(
                                p.text(checkpoint.json())
                                        .bytea(checkpoint.bytes())
                                        .integer(checkpoint.extraDeliveries())
                                        .text(checkpoint.properties()),
                                delivery),
                        rows -> found[0] = rows.next());
        if (connection == null) {
            database.run(pipeline);
        } else {
            pipeline.run(connection);
        }
        requireMine(found[0], delivery);
    }

    /** See {@link io.sqlmq.engine.window.Window#renew}. */
    public void renew(Delivery delivery, long millis) throws SQLException {
        boolean[] found = new boolean[1];
        database.run(new Pipeline()
                .query(
                        sql.renewLeased(delivery.unlogged()),
                        p -> bindLease(
                                p.bigint(Math.max(
                                        millis, options.leasing().time().toMillis())),
                                delivery),
                        rows -> found[0] = rows.next()));
        requireMine(found[0], delivery);
    }

    /** See {@link io.sqlmq.engine.window.Window#redeliveryPolicy}. */
    public @Nullable String redeliveryPolicy(Delivery delivery) throws SQLException {
        String[] policy = new String[1];
        boolean[] found = new boolean[1];
        database.run(new Pipeline().query(sql.policyLeased(delivery.unlogged()), p -> bindLease(p, delivery), rows -> {
            found[0] = rows.next();
            policy[0] = found[0] ? rows.getString(1) : null;
        }));
        requireMine(found[0], delivery);
        return policy[0];
    }

    private void bindLease(Parameters p, Delivery delivery) throws SQLException {
        p.uuid(delivery.row().id())
                .text(delivery.row().channel())
                .integer(owner.idIfKnown())
                .bigint(delivery.leaseToken);
    }

    private static void requireMine(boolean found, Delivery delivery) throws LeaseLostException {
        if (!found) {
            throw new LeaseLostException("The message " + delivery.row().id()
                    + " has been given to another consumer, because this process could not renew its lease in time");
        }
    }

    /** The application has acknowledged; that it cannot be written at once is not its business. */
    public void settleLater(List<Delivery> deliveries) {
        if (!deliveries.isEmpty()) {
            deliveries.forEach(d -> d.state = Delivery.State.LOST);
            pendingAcks.settle(deliveries);
        }
    }

    /** Gives leased messages back, at once or as soon as that can be written. */
    public void giveBack(List<Delivery> deliveries, RequeueStatements.Kind kind, @Nullable String error) {
        if (!deliveries.isEmpty()) {
            held.ending(deliveries);
            pendingAcks.giveBack(deliveries, kind, error);
        }
    }

    /** See {@link HeldLeases#forget}. */
    public void forget(List<Delivery> deliveries) {
        held.forget(deliveries);
    }
}
