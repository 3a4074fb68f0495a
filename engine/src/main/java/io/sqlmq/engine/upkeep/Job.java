package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import java.util.concurrent.atomic.AtomicBoolean;

/** One kind of work that the engine does by itself, on its threads and one at a time. Thread-safe. */
final class Job {

    private final Threads threads;
    private final Recurring recurring;
    private final String what;
    private final Recurring.Work work;
    private final AtomicBoolean running = new AtomicBoolean();

    Job(Threads threads, Recurring recurring, String what, Recurring.Work work) {
        this.threads = threads;
        this.recurring = recurring;
        this.what = what;
        this.work = work;
    }

    /** Has it done soon, unless that is going on. */
    void start() {
        start(() -> {});
    }

    /** As {@link #start()}; {@code then} comes when it is over and may be started again. */
    void start(Runnable then) {
        if (running.compareAndSet(false, true)) {
            threads.workers().execute(() -> {
                try {
                    recurring.run(what, work);
                } finally {
                    running.set(false);
                }
                then.run();
            });
        }
    }
}
