package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.EngineOptions;
import java.sql.SQLException;

/** Deletes, or moves, what nobody needs any more and nobody's own class sees to. Stateless. */
public final class Sweeps {

    private static final int MESSAGES = 1_000;

    private final HousekeepingConnection housekeeping;
    private final Statements sql;
    private final EngineOptions.Expired expired;
    private final EngineListeners listeners;

    public Sweeps(
            HousekeepingConnection housekeeping,
            Statements sql,
            EngineOptions.Expired expired,
            EngineListeners listeners) {
        this.housekeeping = housekeeping;
        this.sql = sql;
        this.expired = expired;
        this.listeners = listeners;
    }

    void expired() throws SQLException {
        int[] swept = new int[1];
        do {
            Pipeline pipeline = new Pipeline();
            pipeline.query(
                    sql.sweepExpired,
                    p -> p.integer(MESSAGES).text(expired.to()).bool(expired.isPrefix()),
                    rows -> {
                        rows.next();
                        swept[0] = rows.getInt(1);
                    });
            housekeeping.run(pipeline);
            listeners.swept(swept[0]);
        } while (swept[0] >= MESSAGES);
    }

    /** The numbers of dead processes. */
    public void owners() throws SQLException {
        housekeeping.run(new Pipeline().add(sql.sweepOwners));
    }

    /** Failed attempts of messages that are gone. */
    public void attempts() throws SQLException {
        sweep(sql.sweepAttempts, MESSAGES / 2);
    }

    /** Completed jobs that were kept long enough. */
    public void completed() throws SQLException {
        sweep(sql.sweepCompleted, MESSAGES - 1);
    }

    /** Again, as long as it finds more than so many. */
    private void sweep(String statement, int enough) throws SQLException {
        int[] swept = new int[1];
        do {
            housekeeping.run(new Pipeline().query(statement, p -> p.integer(MESSAGES), rows -> {
                rows.next();
                swept[0] = rows.getInt(1);
            }));
        } while (swept[0] > enough);
    }

    /** The signatures of dead processes. */
    public void signatures() throws SQLException {
        housekeeping.run(new Pipeline().query(sql.sweepSignatures, p -> p.integer(0), rows -> {}));
    }
}
