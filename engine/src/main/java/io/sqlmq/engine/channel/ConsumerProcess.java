package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;

/** This process as a consumer, known to the others by a number: asked for when first needed, then kept alive. */
public final class ConsumerProcess {

    private final Database database;
    private final Statements sql;
    private final String description;
    private final Upkeep upkeep;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile int id;

    public ConsumerProcess(Database database, Statements sql, String description, Upkeep upkeep) {
        this.database = database;
        this.sql = sql;
        this.description = description;
        this.upkeep = upkeep;
    }

    /** The number, at the price of one statement the first time. */
    public int id() throws SQLException {
        return id(database::run);
    }

    /** As {@link #id()}, by a connection of the caller. */
    public int id(Connection connection) throws SQLException {
        return id(pipeline -> pipeline.run(connection));
    }

    @FunctionalInterface
    private interface Runner {
        void run(Pipeline pipeline) throws SQLException;
    }

    private int id(Runner runner) throws SQLException {
        if (id != 0) {
            return id;
        }
        lock.lock();
        try {
            if (id == 0) {
                int[] number = new int[1];
                Pipeline pipeline = new Pipeline();
                pipeline.query(
                        sql.newOwner,
                        // Others may take us for dead from the moment that we promise to hold the lock.
                        p -> p.text(description).bool(false),
                        rows -> {
                            rows.next();
                            number[0] = rows.getInt(1);
                        });
                runner.run(pipeline);
                id = number[0];
                upkeep.start();
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
        if (id != 0) {
            Pipeline pipeline = new Pipeline();
            addRenew(pipeline, listening);
            database.run(pipeline);
        }
    }

    /** Adds the heartbeat. Only once there is a number. */
    public void addRenew(Pipeline pipeline, boolean listening) {
        pipeline.add(sql.renewOwner, p -> p.integer(id).text(description).bool(listening));
    }

    /** Adds the heartbeat if the one before is long ago: this process was frozen. Only once there is a number. */
    public void addRenewIfLate(Pipeline pipeline, boolean listening) {
        pipeline.add(sql.renewLateOwner, p -> p.integer(id).text(description).bool(listening));
    }

    public void drop() throws SQLException {
        int known = id;
        if (known != 0) {
            Pipeline pipeline = new Pipeline();
            pipeline.add(sql.dropOwner, p -> p.integer(known).integer(known))
                    .query(sql.sweepSignatures, p -> p.integer(known), rows -> {});
            database.run(pipeline);
        }
    }
}
