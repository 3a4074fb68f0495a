package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Client identifiers: each is one connection's in the whole database, until that or its process ends. Thread-safe. */
public final class ClientIdentifiers {

    /** A client identifier that was taken. */
    public record Taken(String clientId, long token) {}

    private final Engine engine;
    private final AtomicLong tokens = new AtomicLong();
    private final ConcurrentLinkedQueue<Taken> unreturned = new ConcurrentLinkedQueue<>();

    ClientIdentifiers(Engine engine) {
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
        while (true) {
            int[] holder = new int[1];
            engine.runAlone(new Pipeline()
                    .query(
                            engine.topicSql().takeClient,
                            p -> p.text(clientId).integer(me).bigint(token),
                            rows -> {
                                rows.next();
                                holder[0] = rows.getInt(1);
                            }));
            if (holder[0] == 0) {
                return true;
            }
            if (!engine.liveness().buryDead(List.of(holder[0]))) {
                return false;
            }
        }
    }

    /** A number that no other take of this process has. */
    public long newToken() {
        return tokens.incrementAndGet();
    }

    /** Gives an identifier back; at once, or when the database is there again. */
    public void giveBack(Taken taken) {
        unreturned.add(taken);
        try {
            retry();
        } catch (SQLException e) {
            engine.log().debug("The client identifier {} will be given back later", taken.clientId(), e);
        }
    }

    /** Gives back what could not be given back before. */
    void retry() throws SQLException {
        int me = engine.owner().idIfKnown();
        for (Taken taken : unreturned) {
            engine.runAlone(new Pipeline()
                    .add(
                            engine.topicSql().giveBackClient,
                            p -> p.text(taken.clientId()).integer(me).bigint(taken.token())));
            unreturned.remove(taken);
        }
    }
}
