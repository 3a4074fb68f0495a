package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.TopicStatements;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the processes that hold client identifiers and subscriptions are dead, and what becomes of what they held. A
 * process without a heartbeat is dead. One that has lost its advisory lock is dead too, unless it has it again soon: it
 * may have lost its connection only.
 */
public final class Liveness {

    private static final Logger LOG = LoggerFactory.getLogger(Liveness.class);

    private static final long COMES_BACK_NANOS = 1_500_000_000;
    private static final long LOOK_MILLIS = 50;

    private final Database database;
    private final Statements sql;
    private final TopicStatements topicSql;
    private final ConsumerProcess owner;
    private final Exclusives exclusives;
    private Set<Integer> missingAtLastSweep = Set.of();

    public Liveness(
            Database database, Statements sql, TopicStatements topicSql, ConsumerProcess owner, Exclusives exclusives) {
        this.database = database;
        this.sql = sql;
        this.topicSql = topicSql;
        this.owner = owner;
        this.exclusives = exclusives;
    }

    /**
     * Frees what the dead ones among these processes hold; true if there were any. Waits a moment for those that may
     * come back.
     */
    public boolean buryDead(Collection<Integer> owners) throws SQLException {
        long end = System.nanoTime() + COMES_BACK_NANOS;
        boolean buried = false;
        while (true) {
            Map<Integer, Boolean> missing = missing(owners);
            boolean last = System.nanoTime() > end;
            boolean wait = false;
            for (Map.Entry<Integer, Boolean> owner : missing.entrySet()) {
                if (owner.getValue() || last) {
                    bury(owner.getKey());
                    buried = true;
                } else {
                    wait = true;
                }
            }
            if (!wait) {
                return buried;
            }
            pause();
        }
    }

    private static void pause() throws SQLException {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted while waiting for another process to end", e);
        }
    }

    /** Frees what dead processes hold; called now and then by one thread at a time. */
    public void sweep() throws SQLException {
        Set<Integer> owners = new TreeSet<>();
        database.run(new Pipeline().query(topicSql.topicOwners, p -> {}, rows -> {
            while (rows.next()) {
                owners.add(rows.getInt(1));
            }
        }));
        Set<Integer> missing = new HashSet<>();
        Set<Integer> before = missingAtLastSweep;
        missingAtLastSweep = missing;
        Recurring.each(missing(owners).entrySet(), owner -> {
            if (owner.getValue() || before.contains(owner.getKey())) {
                bury(owner.getKey());
            } else {
                missing.add(owner.getKey());
            }
        });
    }

    /** Processes that seem dead, and whether that is certain. Never this one. */
    private Map<Integer, Boolean> missing(Collection<Integer> owners) throws SQLException {
        int me = owner.idIfKnown();
        Integer[] others = owners.stream().filter(o -> o != me).toArray(Integer[]::new);
        Map<Integer, Boolean> missing = new LinkedHashMap<>();
        if (others.length > 0) {
            long locks = Integer.toUnsignedLong(sql.lockClass());
            database.run(new Pipeline()
                    .query(topicSql.missingOwners, p -> p.integers(others).bigint(locks), rows -> {
                        while (rows.next()) {
                            missing.put(rows.getInt(1), rows.getBoolean(2));
                        }
                    }));
        }
        return missing;
    }

    private void bury(int owner) throws SQLException {
        LOG.info("Process {} is gone: its client identifiers, subscriptions and exclusive queues are free", owner);
        Pipeline free = new Pipeline().add(topicSql.giveBackClientsOf, p -> p.integer(owner));
        exclusives.addReleaseAllOf(free, owner);
        database.run(free);
        Set<String> channels = new TreeSet<>();
        database.run(new Pipeline().query(topicSql.channelsOf, p -> p.integer(owner), rows -> {
            while (rows.next()) {
                channels.add(rows.getString(1));
            }
        }));
        // One by one: a transaction that held the locks of several subscriptions could deadlock with another.
        Recurring.each(
                channels,
                channel -> database.run(new Pipeline()
                        .query(
                                topicSql.leave,
                                p -> p.text(channel).integer(owner).literal(null),
                                rows -> {})));
    }
}
