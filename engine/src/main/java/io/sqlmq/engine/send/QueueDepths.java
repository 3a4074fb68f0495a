package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.model.Remembered;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells senders whether queues with a limit have room. A count in the database, bounded by the limit, allows a part of
 * the room that it finds; sends are then only counted here, until that part is used up or the count is old. Thread-safe;
 * who sends to the same queue waits for a count that is on its way.
 */
public final class QueueDepths {

    /** One count allows so much of the room that it finds: other processes have counted too. */
    private static final int SHARE = 4;

    /** A count allows at least so much of the limit, so that a nearly full queue is not counted for each message. */
    private static final int LEAST_SHARE = 100;

    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    /** A count is repeated only after so many times what it took. */
    private static final int DUTY = 20;

    private final Database database;
    private final String sql;
    private final Remembered<String, Depth> depths = new Remembered<>();

    public QueueDepths(Database database, String schema) {
        this.database = database;
        this.sql = "SELECT " + schema + ".mq_depth(?, ?)";
    }

    /** What is known of one queue. Guarded by {@code lock}. */
    private static final class Depth {
        private final ReentrantLock lock = new ReentrantLock();
        private boolean known;
        private long count;
        private long allowed;
        private long goodUntil;
    }

    /**
     * Whether a message may be sent to a channel now; if so, it counts as sent.
     *
     * @param limit how many messages the channel may have
     * @param uncommitted how many the caller's transaction has sent there, which nobody can count yet
     */
    public boolean admit(String channel, long limit, long uncommitted) throws SQLException {
        Depth depth = depths.get(channel, name -> new Depth());
        depth.lock.lock();
        try {
            boolean good = depth.known && System.nanoTime() - depth.goodUntil < 0;
            if (!good || (depth.allowed == 0 && depth.count < limit)) {
                look(depth, channel, limit);
            }
            if (depth.allowed == 0 || depth.count + uncommitted >= limit) {
                return false;
            }
            depth.allowed--;
            return true;
        } finally {
            depth.lock.unlock();
        }
    }

    private void look(Depth depth, String channel, long limit) throws SQLException {
        long began = System.nanoTime();
        long count = database.number(sql, p -> p.text(channel).bigint(limit));
        long now = System.nanoTime();
        long room = Math.max(0, limit - count);
        depth.known = true;
        depth.count = count;
        depth.allowed = Math.min(room, Math.max(1, Math.max(room / SHARE, limit / LEAST_SHARE)));
        depth.goodUntil = now + Math.max(room == 0 ? RETRY_NANOS : FRESH_NANOS, DUTY * (now - began));
    }
}
