package io.sqlmq.engine;

import io.sqlmq.engine.model.PartlyDoneException;
import java.sql.SQLException;

/**
 * Counts what is done in batches, each a transaction. An interruption of the thread ends it between two of them; whoever hears of that, or of
 * a failure, hears how many messages it was done to before.
 */
final class Batches {
    private long done;
    private boolean isBegun;

    /** What is done. */
    @FunctionalInterface
    interface Work {
        void in(Batches batches) throws SQLException;
    }

    private Batches() {}

    /** Returns how many messages it was done to. */
    static long count(Work work) throws SQLException {
        Batches batches = new Batches();
        try {
            work.in(batches);
            return batches.done;
        } catch (PartlyDoneException e) {
            throw e;
        } catch (SQLException e) {
            throw batches.done == 0 ? e : new PartlyDoneException(batches.done, e);
        }
    }

    /** Before each batch. The first one is for whoever was interrupted before it, too: it may be all there is to do. */
    void next() throws PartlyDoneException {
        if (isBegun && Thread.currentThread().isInterrupted()) {
            throw new PartlyDoneException(done, null);
        }
        isBegun = true;
    }

    /** It was done to so many messages, which it returns. */
    long add(long count) {
        done += count;
        return count;
    }
}
