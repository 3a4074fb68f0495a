package io.sqlmq.engine.topic;

import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Liveness;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.TopicStatements;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Client identifiers: each is one connection's in the whole database, until that or its process ends. Thread-safe. */
public final class ClientIdentifiers {

    private static final Logger LOG = LoggerFactory.getLogger(ClientIdentifiers.class);

    /** A client identifier that was taken. */
    public record Taken(String clientId, long token) {}

    private final Database database;
    private final TopicStatements topicSql;
    private final ConsumerProcess owner;
    private final Liveness liveness;
    private final Upkeep upkeep;
    private final AtomicLong tokens = new AtomicLong();
    private final ConcurrentLinkedQueue<Taken> unreturned = new ConcurrentLinkedQueue<>();
    private final Set<Taken> held = ConcurrentHashMap.newKeySet();

    public ClientIdentifiers(
            Database database, TopicStatements topicSql, ConsumerProcess owner, Liveness liveness, Upkeep upkeep) {
        this.database = database;
        this.topicSql = topicSql;
        this.owner = owner;
        this.liveness = liveness;
        this.upkeep = upkeep;
    }

    /**
     * Takes an identifier.
     *
     * @return whether it was free
     */
    public boolean take(String clientId, long token) throws SQLException {
        int me = owner.id();
        upkeep.alive();
        Taken taken = new Taken(clientId, token);
        while (true) {
            int holder = ask(taken, me);
            if (holder == 0) {
                held.add(taken);
                return true;
            }
            if (!liveness.buryDead(List.of(holder))) {
                return false;
            }
        }
    }

    /** Takes it if it is free, else returns which process has it. */
    private int ask(Taken taken, int me) throws SQLException {
        int[] holder = new int[1];
        database.run(new Pipeline()
                .query(
                        topicSql.takeClient,
                        p -> p.text(taken.clientId()).integer(me).bigint(taken.token()),
                        rows -> {
                            rows.next();
                            holder[0] = rows.getInt(1);
                        }));
        return holder[0];
    }

    /** Takes again what others have freed because this process looked dead to them. */
    public void checkMine() throws SQLException {
        if (held.isEmpty()) {
            return;
        }
        List<Taken> before = List.copyOf(held);
        int me = owner.idIfKnown();
        Set<Taken> known = new HashSet<>();
        database.run(new Pipeline().query(topicSql.clientsOf, p -> p.integer(me), rows -> {
            while (rows.next()) {
                known.add(new Taken(rows.getString(1), rows.getLong(2)));
            }
        }));
        Recurring.each(before, taken -> {
            if (known.contains(taken) || !held.contains(taken)) {
                return;
            }
            if (ask(taken, me) != 0) {
                held.remove(taken);
                LOG.warn(
                        "The client identifier {} is now that of another process, which took this one for dead",
                        taken.clientId());
            } else if (!held.contains(taken)) {
                unreturned.add(taken);
            }
        });
        retry();
    }

    /** A number that no other take of this process has. */
    public long newToken() {
        return tokens.incrementAndGet();
    }

    /** Gives an identifier back; at once, or when the database is there again. */
    public void giveBack(Taken taken) {
        held.remove(taken);
        unreturned.add(taken);
        try {
            retry();
        } catch (SQLException e) {
            LOG.debug("The client identifier {} will be given back later", taken.clientId(), e);
        }
    }

    /** Gives back what could not be given back before. */
    public void retry() throws SQLException {
        int me = owner.idIfKnown();
        Recurring.each(unreturned, taken -> {
            database.run(new Pipeline()
                    .add(
                            topicSql.giveBackClient,
                            p -> p.text(taken.clientId()).integer(me).bigint(taken.token())));
            unreturned.remove(taken);
        });
    }
}
