package io.sqlmq.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What {@link ThroughJobs} does, with another library: jobs are spawned, run by handlers that only read, and completed. */
abstract class OtherJobs implements Side {

    private static final long PATIENCE_SECONDS = 300;

    private final Tables tables;
    private final String unfinished;
    private final Crew spawning;
    private volatile CountDownLatch expected = new CountDownLatch(0);

    /**
     * Nothing is spawned yet.
     *
     * @param unfinished counts the jobs that are not completed
     */
    OtherJobs(Tables tables, String unfinished, int perCommit, int threads) throws Exception {
        this.tables = tables;
        this.unfinished = unfinished;
        spawning = Crew.of(threads, () -> new Spawner(perCommit));
    }

    private final class Spawner implements Worker {
        private final int perCommit;

        Spawner(int perCommit) {
            this.perCommit = perCommit;
        }

        @Override
        public void move(int messages) {
            for (int sent = 0; sent < messages; sent += perCommit) {
                spawn(Math.min(perCommit, messages - sent));
            }
        }

        @Override
        public void close() {}
    }

    /** Spawns so many at once. */
    abstract void spawn(int jobs);

    /** What a handler does. */
    final void read(@Nullable String data) {
        if (data != null) {
            expected.countDown();
        }
    }

    @Override
    public void run(int messages) throws Exception {
        CountDownLatch latch = new CountDownLatch(messages);
        expected = latch;
        spawning.run(messages);
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    latch.getCount() + " of " + messages + " jobs were not run within " + PATIENCE_SECONDS + " s");
        }
        while (tables.number(unfinished) > 0) {
            Thread.sleep(1); // what has just run is being completed
        }
    }

    @Override
    public void close() throws Exception {
        spawning.close();
    }
}
