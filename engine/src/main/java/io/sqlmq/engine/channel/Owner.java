package io.sqlmq.engine.channel;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.jdbc.Pipeline;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;

/** This process as a consumer, known to the others by a number: asked for when first needed, then kept alive. */
public final class Owner {

    private final Engine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile int id;

    public Owner(Engine engine) {
        this.engine = engine;
    }

    /** The number, at the price of one statement the first time. */
    public int id() throws SQLException {
        if (id != 0) {
            return id;
        }
        lock.lock();
        try {
            if (id == 0) {
                int[] number = new int[1];
                Pipeline pipeline = new Pipeline();
                pipeline.query(
                        engine.sql().newOwner,
                        // Others may take us for dead from the moment that we promise to hold the lock.
                        p -> p.text(engine.options().description()).bool(false),
                        rows -> {
                            rows.next();
                            number[0] = rows.getInt(1);
                        });
                engine.runAlone(pipeline);
                id = number[0];
                engine.maintenance().start();
            }
            return id;
        } finally {
            lock.unlock();
        }
    }

    /** The number, or 0 if nobody has needed one yet. */
    public int idIfKnown() {
        return id;
    }

    public void renew(boolean listening) throws SQLException {
        int known = id;
        if (known != 0) {
            Pipeline pipeline = new Pipeline();
            pipeline.add(
                    engine.sql().renewOwner,
                    p -> p.integer(known).text(engine.options().description()).bool(listening));
            engine.runAlone(pipeline);
        }
    }

    /** Adds the heartbeat if the one before is long ago: this process was frozen. Only once there is a number. */
    public void addRenewIfLate(Pipeline pipeline, boolean listening) {
        pipeline.add(
                engine.sql().renewLateOwner,
                p -> p.integer(id).text(engine.options().description()).bool(listening));
    }

    public void drop() throws SQLException {
        int known = id;
        if (known != 0) {
            Pipeline pipeline = new Pipeline();
            pipeline.add(engine.sql().dropOwner, p -> p.integer(known).integer(known))
                    .query(engine.sql().sweepSignatures, p -> p.integer(known), rows -> {});
            engine.runAlone(pipeline);
        }
    }
}
