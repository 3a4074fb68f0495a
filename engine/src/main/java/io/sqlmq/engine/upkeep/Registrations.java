package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.Pipeline;
import java.sql.SQLException;

/**
 * What this process writes into the database once, and relies on from then on: its number, the channels on which it may
 * wait, its subscriptions and client identifiers, its signatures. Others delete that when it looks dead (it was frozen, or
 * cut off), and a hand may; so it is looked at again and again, in one round trip, and put back. Exclusive channels need
 * none of it: they are asked for again before they are used.
 */
public final class Registrations {

    private final Engine engine;

    public Registrations(Engine engine) {
        this.engine = engine;
    }

    void verify() throws SQLException {
        int me = engine.owner().idIfKnown();
        if (me == 0) {
            return;
        }
        Signatures signatures = engine.signatures();
        // All of these are counted up after they were written.
        long lost = signatures.lost();
        int provided = signatures.provided();
        long waiters =
                engine.channels().all().stream().filter(Channel::isRegistered).count()
                        + (engine.schedules().isRegistered() ? 1 : 0);
        long[] found = new long[2];
        Pipeline pipeline = new Pipeline();
        engine.owner().addRenewIfLate(pipeline, engine.isListening());
        pipeline.query(engine.sql().registered, p -> p.integer(me).integer(me).bigint(lost), rows -> {
            rows.next();
            found[0] = rows.getLong(1);
            found[1] = rows.getLong(2);
        });
        engine.runHousekeeping(pipeline);
        if (found[0] < waiters) {
            engine.registerAgain();
        }
        if (found[1] < provided) {
            signatures.lose();
        }
    }
}
