package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Messages that this process works on for longer than a transaction may stay open. A lease is in the row: its end in
 * attempt_at, its owner, and a token that fences the acknowledge. The process renews all its leases together.
 */
final class Leases {

    private final Engine engine;
    private final Owner owner;
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicLong tokens = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 40) << 20);

    Leases(Engine engine, Owner owner) {
        this.engine = engine;
        this.owner = owner;
    }

    /** Adds the statement that leases rows which the transaction has locked. */
    void add(Pipeline pipeline, List<Delivery> deliveries) throws SQLException {
        engine.leasing();
        int id = owner.id();
        long token = tokens.incrementAndGet();
        List<String> tids = new ArrayList<>();
        List<String> twinTids = new ArrayList<>();
        for (Delivery delivery : deliveries) {
            delivery.leaseToken = token;
            (delivery.twin() ? twinTids : tids).add(delivery.tid);
        }
        pipeline.query(
                engine.sql().lease,
                p -> p.tids(tids)
                        .tids(twinTids)
                        .integer(id)
                        .bigint(token)
                        .bigint(engine.options().leaseTime().toMillis()),
                rows -> {});
    }

    /** The transaction with the leases is committed. */
    void taken(List<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            delivery.state = Delivery.State.LEASED;
        }
        held.addAndGet(deliveries.size());
    }

    boolean any() {
        return held.get() > 0;
    }

    /**
     * Deletes leased messages.
     *
     * @throws LeaseLostException when one or more had been given to somebody else; the others are deleted
     */
    void acknowledge(List<Delivery> deliveries) throws SQLException {
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
        if (engine.options().asyncAck()) {
            pipeline.add(Sql.BEGIN).add(Sql.RELAXED_COMMIT);
        }
        pipeline.query(
                engine.sql().ackIds,
                p -> p.texts(channels).uuids(ids).integer(owner.id()).bigints(leaseTokens),
                rows -> {
                    while (rows.next()) {
                        (rows.getBoolean(2) ? busy : lost).add(rows.getObject(1, UUID.class));
                    }
                });
        if (engine.options().asyncAck()) {
            pipeline.add(Sql.COMMIT);
        }
        Connection connection;
        try {
            connection = engine.connections().take();
        } catch (SQLException e) {
            engine.log().debug("{} acknowledgements wait for a connection", n, e);
            settleLater(deliveries);
            return;
        }
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            engine.statementFailed(e, broken);
            if (!broken) {
                throw e;
            }
            settleLater(deliveries);
            return;
        }
        Failures.close(connection);
        List<Delivery> late =
                deliveries.stream().filter(d -> busy.contains(d.row().id())).toList();
        if (!late.isEmpty()) {
            settleLater(late);
        }
        held.addAndGet(late.size() - n);
        deliveries.stream().filter(d -> d.state == Delivery.State.LEASED).forEach(d -> d.state = Delivery.State.DONE);
        engine.wakeups().groupsReleased(deliveries);
        engine.payloads()
                .released(deliveries.stream()
                        .filter(d -> d.state == Delivery.State.DONE)
                        .toList());
        if (!lost.isEmpty()) {
            throw new LeaseLostException(lost.size() + " of " + n
                    + " acknowledged messages had been given to another consumer, because this process could not renew"
                    + " its lease in time: " + lost);
        }
    }

    /** The application has acknowledged; that it cannot be written at once is not its business. */
    private void settleLater(List<Delivery> deliveries) {
        held.addAndGet(-deliveries.size());
        deliveries.forEach(d -> d.state = Delivery.State.LOST);
        engine.repair().settle(deliveries);
    }

    /** Gives leased messages back; if the database is away, when it is back. */
    void giveBack(List<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error) throws SQLException {
        try {
            if (!engine.isDown() && writeBack(deliveries, kind, error)) {
                return;
            }
        } catch (SQLException e) {
            if (!engine.isDown()) {
                throw e;
            }
            engine.log().debug("{} leases end when the database is back", deliveries.size(), e);
        }
        giveBackLater(deliveries, kind, error);
    }

    /** Tries until it is done: this process renews its leases, so nobody else would ever get these messages. */
    void giveBackLater(List<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error) {
        engine.soon(() -> {
            try {
                if (writeBack(deliveries, kind, error)) {
                    engine.wakeups().givenBack(deliveries);
                    return;
                }
            } catch (SQLException e) {
                engine.log().debug("{} leases still wait to be ended", deliveries.size(), e);
            }
            giveBackLater(deliveries, kind, error);
        });
    }

    /**
     * The connection broke while a transaction with these leases was being committed. Nobody works on these messages any more,
     * so if it is committed all the same, the leases end, or this process would renew them for as long as it lives.
     */
    void inDoubt(List<Delivery> deliveries) {
        engine.soon(() -> {
            try {
                Pipeline pipeline = new Pipeline();
                int[] busy =
                        engine.giveBacks().add(pipeline, deliveries, GiveBacks.Kind.LEASE_IN_DOUBT, null, owner.id());
                engine.runAlone(pipeline);
                engine.wakeups().givenBack(deliveries);
                if (busy[0] == 0) {
                    return;
                }
            } catch (SQLException e) {
                engine.log().debug("{} leases may still have to be ended", deliveries.size(), e);
            }
            inDoubt(deliveries);
        });
    }

    /** Returns false when rows are busy; then it has to be done again, which leaves out what is done. */
    private boolean writeBack(List<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error)
            throws SQLException {
        Pipeline pipeline = new Pipeline();
        int[] busy = engine.giveBacks().add(pipeline, deliveries, kind, error, owner.id());
        engine.runAlone(pipeline);
        if (busy[0] > 0) {
            return false;
        }
        ended(deliveries);
        return true;
    }

    /** The leases of these messages are no more. */
    void ended(List<Delivery> deliveries) {
        held.addAndGet(-deliveries.size());
        deliveries.forEach(d -> d.state = Delivery.State.DONE);
    }

    /** Moves the end of all leases of this process on. */
    void renew() throws SQLException {
        if (!any()) {
            return;
        }
        long millis = engine.options().leaseTime().toMillis();
        int id = owner.id();
        Pipeline pipeline = new Pipeline();
        pipeline.add(
                engine.sql().renewLeases,
                p -> p.bigint(millis).integer(id).bigint(millis).integer(id));
        engine.runAlone(pipeline);
    }
}
