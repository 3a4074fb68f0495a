package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of mq_signatures that transactions of this process lock along with the messages that they take: should one be
 * rolled back, by whatever end, this tells the failed delivery from rollbacks of others. A signature is used again when it
 * is certain that its last transaction was committed, or what that has left behind is written down. Thread-safe.
 */
public final class Signatures {

    private static final Logger LOG = LoggerFactory.getLogger(Signatures.class);

    /** See {@link Recurring}. */
    public static final String SETTLE = "the look at transactions of consumers that have ended";

    private static final int BATCH = 16;
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** So many transactions of which nobody told how they ended are looked at together. */
    private static final int SETTLED_TOGETHER = 64;
    /** The application's pool may have no connection to spare for longer. */
    private static final long LONGEST_WAIT_MILLIS = 1_000;

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final Recurring recurring;
    private final Threads threads;
    private final Statements sql;
    private final ConsumerProcess owner;
    private final ConcurrentLinkedDeque<Long> free = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<Long> used = new ConcurrentLinkedDeque<>();
    private final AtomicInteger unsettled = new AtomicInteger();
    private final Object providing = new Object();
    private boolean refused;
    private long refusedAt;
    /** Of those after {@link #lost}. */
    private volatile int provided;

    private long highest;
    /** Those up to this number are lost. */
    private volatile long lost;

    public Signatures(
            Database database,
            HousekeepingConnection housekeeping,
            Recurring recurring,
            Threads threads,
            Statements sql,
            ConsumerProcess owner) {
        this.database = database;
        this.housekeeping = housekeeping;
        this.recurring = recurring;
        this.threads = threads;
        this.sql = sql;
        this.owner = owner;
    }

    /** A signature for one transaction or subtransaction; null when none can be had, then its end leaves no trace. */
    @Nullable
    public Long take() {
        Long signature = free.pollFirst();
        if (signature == null) {
            provide();
            signature = free.pollFirst();
        }
        return signature;
    }

    /**
     * Sees to it that there is one: for a thread that is going to take a connection, so that it does not need a second one of the
     * same pool while it has that. All might.
     */
    public void prepare() {
        if (free.isEmpty()) {
            provide();
        }
    }

    /** As {@link #take}, for a thread that has a connection of the application's pool: does not wait long for another. */
    @Nullable
    public Long takeSoon() {
        Long signature = free.pollFirst();
        if (signature != null) {
            return signature;
        }
        try {
            CompletableFuture.runAsync(this::provide, threads.workers())
                    .get(LONGEST_WAIT_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("No signature can be had now", e);
        }
        return free.pollFirst();
    }

    private void provide() {
        synchronized (providing) {
            if (!free.isEmpty() || database.isDown() || (refused && System.nanoTime() - refusedAt < AGAIN_NANOS)) {
                return;
            }
            refused = false;
            try {
                int me = owner.id();
                List<Long> fresh = new ArrayList<>();
                housekeeping.run(new Pipeline()
                        .query(sql.newSignatures, p -> p.integer(me).integer(BATCH), rows -> {
                            while (rows.next()) {
                                fresh.add(rows.getLong(1));
                            }
                        }));
                highest = fresh.get(fresh.size() - 1);
                provided = provided + fresh.size();
                free.addAll(fresh);
            } catch (SQLException e) {
                refused = true;
                refusedAt = System.nanoTime();
                if (!database.isDown()) {
                    LOG.warn(
                            "Deliveries that end with the death of this process will not be counted, because it"
                                    + " cannot write mq_signatures: {}",
                            e.getMessage());
                }
            }
        }
    }

    /** The transaction is committed, or has not signed. */
    public void free(Collection<Long> signatures) {
        for (Long signature : signatures) {
            if (signature > lost) {
                free.addFirst(signature);
            }
        }
    }

    /** Nobody knows whether the transaction was, or will be, committed. */
    public void used(Collection<Long> signatures) {
        if (signatures.isEmpty()) {
            return;
        }
        used.addAll(signatures);
        if (unsettled.addAndGet(signatures.size()) >= SETTLED_TOGETHER) {
            unsettled.set(0);
            threads.workers().execute(() -> recurring.run(SETTLE, this::settle));
        }
    }

    /** Finds out about transactions of which nobody told how they ended. */
    public void settle() throws SQLException {
        List<Long> asked = new ArrayList<>();
        for (Long signature = used.poll(); signature != null; signature = used.poll()) {
            asked.add(signature);
        }
        if (asked.isEmpty()) {
            return;
        }
        List<Long> settled = new ArrayList<>();
        try {
            housekeeping.run(new Pipeline()
                    .query(sql.settleSignatures, p -> p.bigints(asked.toArray(Long[]::new)), rows -> {
                        while (rows.next()) {
                            settled.add(rows.getLong(1));
                        }
                    }));
        } catch (SQLException e) {
            used.addAll(asked);
            throw e;
        }
        asked.removeAll(settled);
        asked.removeIf(signature -> signature <= lost);
        settled.removeIf(signature -> signature <= lost);
        used.addAll(asked);
        // At the end: a claim that has begun before that was committed may still look at them.
        free.addAll(settled);
    }

    /** How many rows of this process with numbers after {@link #lost} there must be. */
    public int provided() {
        return provided;
    }

    /** See {@link #provided}. */
    public long lost() {
        return lost;
    }

    /** Somebody has deleted some: this process looked dead, or the table was emptied. None is used any more. */
    public void lose() {
        synchronized (providing) {
            lost = highest;
            free.clear();
            provided = 0;
        }
    }
}
