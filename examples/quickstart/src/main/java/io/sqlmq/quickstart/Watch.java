package io.sqlmq.quickstart;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Looks at the tables ten times a second, shows the progress, and lets the program wait for it. */
final class Watch implements AutoCloseable {
    private static final long EVERY_MILLIS = 100;

    private final Connection connection;
    private final ProgressBar bar;
    private final Duration patience;
    private final Thread thread = new Thread(this::run, "watch");
    private Counts counts = new Counts(0, 0, 0, 0);
    private long changedAt = System.nanoTime();
    private @Nullable SQLException failure;

    /**
     * Starts looking.
     *
     * @param patience how long nothing may change before waiting is given up
     */
    Watch(Database database, ProgressBar bar, Duration patience) throws SQLException {
        this.connection = database.connect();
        this.bar = bar;
        this.patience = patience;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!Thread.interrupted()) {
                look();
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void look() {
        try {
            Counts now = Counts.read(connection);
            bar.show(now);
            note(now);
        } catch (SQLException e) {
            note(e);
        }
    }

    private synchronized void note(Counts now) {
        if (!now.equals(counts)) {
            counts = now;
            changedAt = System.nanoTime();
            notifyAll();
        }
    }

    private synchronized void note(SQLException e) {
        failure = e;
        notifyAll();
    }

    /**
     * Waits until the counts are as asked for.
     *
     * @throws StalledException if nothing moves any more
     */
    synchronized void until(Predicate<Counts> reached) throws InterruptedException, StalledException {
        changedAt = System.nanoTime();
        while (!reached.test(counts)) {
            if (failure != null) {
                throw new StalledException("The database does not answer: " + failure.getMessage(), failure);
            }
            if (System.nanoTime() - changedAt > patience.toNanos()) {
                throw new StalledException("Nothing has happened for " + patience.toSeconds() + " s: " + counts, null);
            }
            wait(EVERY_MILLIS);
        }
    }

    @Override
    public void close() throws SQLException, InterruptedException {
        thread.interrupt();
        thread.join();
        connection.close();
    }

    /** The work does not go on. */
    static final class StalledException extends Exception {
        private static final long serialVersionUID = 1;

        StalledException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
