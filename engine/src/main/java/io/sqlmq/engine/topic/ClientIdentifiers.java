package io.sqlmq.engine.topic;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Client identifiers: each is one connection's in the whole database, until that or its process ends. Thread-safe. */
public final class ClientIdentifiers {

    /** A client identifier that was taken. */
    public record Taken(String clientId, long token) {}

    private final Engine engine;
    private final AtomicLong tokens = new AtomicLong();
    private final ConcurrentLinkedQueue<Taken> unreturned = new ConcurrentLinkedQueue<>();
    private final Set<Taken> held = ConcurrentHashMap.newKeySet();

    public ClientIdentifiers(Engine engine) {
        this.engine = engine;
    }

    /**
     * Takes an identifier.
     *
     * @return whether it was free
     */
    public boolean take(String clientId, long token) throws SQLException {
        int me = engine.owner().id();
        engine.stayAlive();
        Taken taken = new Taken(clientId, token);
        while (true) {
            int holder = ask(taken, me);
            if (holder == 0) {
                held.add(taken);
                return true;
            }
            if (!engine.liveness().buryDead(List.of(holder))) {
                return false;
            }
        }
    }

    /** Takes it if it is free, else returns which process has it. */
    private int ask(Taken taken, int me) throws SQLException {
        int[] holder = new int[1];
        engine.runAlone(new Pipeline()
                .query(
                        engine.topicSql().takeClient,
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
        int me = engine.owner().idIfKnown();
        Set<Taken> known = new HashSet<>();
        engine.runAlone(new Pipeline().query(engine.topicSql().clientsOf, p -> p.integer(me), rows -> {
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
                engine.log()
                        .warn(
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
            engine.log().debug("The client identifier {} will be given back later", taken.clientId(), e);
        }
    }

    /** Gives back what could not be given back before. */
    public void retry() throws SQLException {
        int me = engine.owner().idIfKnown();
        Recurring.each(unreturned, taken -> {
            engine.runAlone(new Pipeline()
                    .add(
                            engine.topicSql().giveBackClient,
                            p -> p.text(taken.clientId()).integer(me).bigint(taken.token())));
            unreturned.remove(taken);
        });
    }
}
