package io.sqlmq.console;

import io.sqlmq.console.Queues.Queue;
import io.sqlmq.console.Queues.Server;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all queues as one role, for all who look on: five short statements every two seconds while somebody does, every ten seconds for
 * the samples while nobody does, and less often where a look takes long, so that it takes no more than a twentieth of a
 * server's core. Thread-safe.
 */
final class Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long PERIOD_MILLIS = 2_000;
    private static final int REST = 20;

    private final Database database;
    private final ScheduledExecutorService timer;
    private final Samples samples = new Samples();
    private @Nullable Look last;
    private @Nullable String failure;
    private long version;
    private int viewers;
    private long triedAt;
    private long tookMillis;
    private long news;
    private long seenNews = -1;
    private @Nullable Looking looking;
    private boolean isClosed;
    private @Nullable Future<?> next;

    Watch(Database database, ScheduledExecutorService timer) {
        this.database = database;
        this.timer = timer;
    }

    /**
     * What was seen.
     *
     * @param at by this machine's clock, in milliseconds
     * @param problems the worst first
     */
    record Look(long version, long at, List<Queue> queues, Server server, List<Problem> problems) {
        @Nullable
        Queue queue(String name) {
            return queues.stream()
                    .filter(q -> q.name().equals(name))
                    .findFirst()
                    .orElse(null);
        }
    }

    Samples samples() {
        return samples;
    }

    /** One look, for all who wait for it, and what was new when it began. */
    private record Looking(long news, CompletableFuture<Look> result) {}

    /** The last look, unless it is older than those who look on would have it. */
    Look look() throws SQLException {
        synchronized (this) {
            Look known = last;
            if (known != null
                    && seenNews == news
                    && System.currentTimeMillis() - known.at <= Math.max(PERIOD_MILLIS, REST * tookMillis)) {
                return known;
            }
        }
        return lookOnce();
    }

    /** There is something new, as after a change: the next one looks again. */
    synchronized void expectNews() {
        news++;
        schedule();
    }

    /** Somebody looks on; null if a look fails. Returns when there is another look than that version, or after so long. */
    synchronized @Nullable Look await(long since, long millis) throws InterruptedException {
        viewers++;
        try {
            if (viewers == 1) {
                schedule();
            }
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            while (version == since && !isClosed) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    return null;
                }
                wait(left);
            }
            return failure == null ? last : null;
        } finally {
            viewers--;
        }
    }

    /** Why the last look failed, or null. */
    synchronized @Nullable String failure() {
        return failure;
    }

    synchronized void close() {
        isClosed = true;
        if (next != null) {
            next.cancel(false);
        }
        notifyAll();
    }

    private synchronized void schedule() {
        long period = Math.max(viewers > 0 ? PERIOD_MILLIS : Samples.PERIOD_MILLIS, REST * tookMillis);
        schedule(Math.max(0, period - (System.currentTimeMillis() - triedAt)));
    }

    private void schedule(long delay) {
        if (next != null) {
            next.cancel(false);
        }
        if (!isClosed) {
            next = timer.schedule(this::lookAgain, delay, TimeUnit.MILLISECONDS);
        }
    }

    private void lookAgain() {
        try {
            lookOnce();
        } catch (SQLException e) {
            LOG.debug("A look at the queues failed", e);
        }
    }

    /** Looks, or waits for whoever does: two at the same time would only be in each other's way. */
    private Look lookOnce() throws SQLException {
        Looking mine = null;
        Looking current;
        synchronized (this) {
            current = looking;
            if (current == null || current.news < news) {
                mine = new Looking(news, new CompletableFuture<>());
                looking = mine;
            }
        }
        if (mine == null) {
            return await(current);
        }
        try {
            Look look = lookNow(mine.news);
            mine.result.complete(look);
            return look;
        } catch (SQLException e) {
            mine.result.completeExceptionally(e);
            throw e;
        } finally {
            mine.result.completeExceptionally(new IllegalStateException("The look at the queues was given up"));
            synchronized (this) {
                if (mine.equals(looking)) {
                    looking = null;
                }
                schedule();
            }
        }
    }

    private static Look await(Looking other) throws SQLException {
        try {
            return other.result.get();
        } catch (ExecutionException e) {
            String state = e.getCause() instanceof SQLException failed ? failed.getSQLState() : null;
            throw new SQLException(e.getCause().getMessage(), state, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted while somebody looked at the queues", e);
        }
    }

    private Look lookNow(long asOf) throws SQLException {
        long began = System.nanoTime();
        try {
            Database.Seen seen = database.look();
            List<Queue> queues = seen.queues();
            Server server = seen.server();
            long at = System.currentTimeMillis();
            queues.sort(Comparator.comparing(Queue::name));
            samples.add(at, queues, server);
            List<Problem> problems = Problem.of(queues, server, samples, at);
            synchronized (this) {
                triedAt = at;
                tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                failure = null;
                Look look = new Look(++version, at, List.copyOf(queues), server, problems);
                if (asOf >= seenNews) {
                    seenNews = asOf;
                    last = look;
                }
                notifyAll();
                return look;
            }
        } catch (SQLException e) {
            synchronized (this) {
                triedAt = System.currentTimeMillis();
                tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
                failure = String.valueOf(e.getMessage());
                version++;
                notifyAll();
            }
            throw e;
        }
    }
}
