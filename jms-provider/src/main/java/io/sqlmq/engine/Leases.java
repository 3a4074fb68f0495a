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
        Pipeline pipeline = new Pipeline();
        if (engine.options().asyncAck()) {
            pipeline.add(Sql.BEGIN).add(Sql.RELAXED_COMMIT);
        }
        pipeline.query(
                engine.sql().ackIds,
                p -> p.texts(channels).uuids(ids).integer(owner.id()).bigints(leaseTokens),
                rows -> {
                    while (rows.next()) {
                        lost.add(rows.getObject(1, UUID.class));
                    }
                });
        if (engine.options().asyncAck()) {
            pipeline.add(Sql.COMMIT);
        }
        Connection connection = engine.connections().take();
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            engine.statementFailed(e, broken);
            if (!broken) {
                throw e;
            }
            held.addAndGet(-n);
            deliveries.forEach(d -> d.state = Delivery.State.LOST);
            engine.repair().settle(deliveries);
            return;
        }
        Failures.close(connection);
        held.addAndGet(-n);
        deliveries.forEach(d -> d.state = Delivery.State.DONE);
        engine.payloads().released(deliveries);
        if (!lost.isEmpty()) {
            throw new LeaseLostException(lost.size() + " of " + n
                    + " acknowledged messages had been given to another consumer, because this process could not renew"
                    + " its lease in time: " + lost);
        }
    }

    void giveBack(List<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error) throws SQLException {
        Pipeline pipeline = new Pipeline();
        engine.giveBacks().add(pipeline, deliveries, kind, error, owner.id());
        engine.runAlone(pipeline);
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
