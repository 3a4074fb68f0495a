package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.OutcomeUnknownException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what became of a COMMIT whose connection broke. */
public final class CommitOutcomeResolver {

    private static final Logger LOG = LoggerFactory.getLogger(CommitOutcomeResolver.class);

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** What pg_xact_status says of a number that was not given to any transaction yet. */
    private static final String IN_THE_FUTURE = "22023";

    /** A checkpoint has the time when it began, in whole seconds. */
    private static final long CLOCK_MILLIS = 2_000;

    private static final String NUMBERING = """
            SELECT c.timeline_id = ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
                   AND (c.checkpoint_time < statement_timestamp() - ?::float8 * interval '1 ms'
                        OR (pg_catalog.split_part(c.next_xid, ':', 1)::bigint << 32) + pg_catalog.split_part(c.next_xid, ':', 2)::bigint
                           > ?::text::bigint)
              FROM pg_control_checkpoint() AS c""";

    private final Database database;
    private final Statements sql;
    private final Deduplicating deduplicating;

    public CommitOutcomeResolver(Database database, Statements sql, Deduplicating deduplicating) {
        this.database = database;
        this.sql = sql;
        this.deduplicating = deduplicating;
    }

    /**
     * True when the transaction committed, false when it was rolled back.
     *
     * @param transaction its number as pg_current_xact_id() gave it, if known
     * @param received messages that it deleted
     * @param written messages that it wrote
     * @param age nanoseconds since it began
     * @throws OutcomeUnknownException when the database cannot say
     */
    public boolean isCommitted(
            @Nullable String transaction,
            List<Delivery> received,
            List<NewMessage> written,
            long age,
            SQLException cause)
            throws OutcomeUnknownException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        do {
            try {
                if (transaction != null) {
                    String status = status(transaction);
                    if ("committed".equals(status)) {
                        if (anyPresent(received.stream().map(d -> d.row().id()))) {
                            return false; // a server that crashed has given the number to another transaction since
                        }
                        if (anyPresent(written.stream().map(NewMessage::id)) || isStillItsNumber(transaction, age)) {
                            return true;
                        }
                        break;
                    } else if ("aborted".equals(status)) {
                        return false;
                    } else if (status == null) {
                        break;
                    }
                } else {
                    // Present: committed. Absent: rolled back, or received by somebody in the meantime. But identifiers
                    // stay when messages go.
                    boolean traceable = deduplicating.leaveTrace(written);
                    if (anyPresent(written.stream().map(NewMessage::id))
                            || (traceable && deduplicating.haveTrace(database, written))) {
                        return true;
                    }
                    if (traceable && Failures.endedByServer(cause)) {
                        return false;
                    }
                    break;
                }
            } catch (SQLException e) {
                if (IN_THE_FUTURE.equals(e.getSQLState())) {
                    return false; // nothing of it had reached the disk when the server crashed
                }
                LOG.debug("Asking for the outcome of a transaction", e);
            }
        } while (pause(end));
        throw new OutcomeUnknownException(
                "The connection broke while the transaction was being committed; whether it was is unknown. "
                        + "Before sending again, look whether the messages are there",
                cause);
    }

    private static boolean pause(long end) {
        if (System.nanoTime() > end) {
            return false;
        }
        try {
            Thread.sleep(PAUSE.toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What pg_xact_status says: null when it is too long ago. */
    @Nullable
    public String status(String transaction) throws SQLException {
        String[] status = new String[1];
        Pipeline pipeline = new Pipeline();
        pipeline.query(sql.transactionStatus, p -> p.text(transaction), rows -> {
            rows.next();
            status[0] = rows.getString(1);
        });
        database.run(pipeline);
        return status[0];
    }

    /**
     * Whether the server cannot have crashed and given the number to another transaction since. After a crash its number is
     * one that recovery has not seen; and recovery ends with a checkpoint.
     */
    private boolean isStillItsNumber(String transaction, long age) throws SQLException {
        boolean[] proven = new boolean[1];
        Pipeline pipeline = new Pipeline();
        long before = TimeUnit.NANOSECONDS.toMillis(age) + CLOCK_MILLIS;
        pipeline.query(NUMBERING, p -> p.bigint(before).text(transaction), rows -> {
            rows.next();
            proven[0] = rows.getBoolean(1);
        });
        database.run(pipeline);
        return proven[0];
    }

    private boolean anyPresent(Stream<UUID> messages) throws SQLException {
        UUID[] ids = messages.toArray(UUID[]::new);
        long[] count = new long[1];
        Pipeline pipeline = new Pipeline();
        pipeline.query(sql.present, p -> p.uuids(ids).uuids(ids).uuids(ids), rows -> {
            rows.next();
            count[0] = rows.getLong(1);
        });
        Connection connection = database.connections().takeForSend();
        try {
            pipeline.run(connection);
        } finally {
            Failures.close(connection);
        }
        return count[0] > 0;
    }
}
