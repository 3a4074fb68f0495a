package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.schedule.Schedules;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * When what happens by itself: the safety poll, floors, leases, the sweep of expired messages, and all the {@link Chores}. Timers
 * only start work; the work runs on engine threads, each kind of it one at a time.
 */
public final class Timetable {

    /** Tests set it to hours, so that nothing but a wake-up makes a consumer look. */
    private final long pollMillis = Long.getLong("io.sqlmq.engine.safetyPollMillis", 1_000);

    private static final long POLL_MILLIS_WITHOUT_LISTEN = 100;
    private static final long FLOORS_MILLIS = 100;
    private final long upkeepMillis = Long.getLong("io.sqlmq.engine.upkeepMillis", 5_000);
    private static final long EXPIRY_MILLIS = 5_000;

    private final Threads threads;
    private final ListenState listenState;
    private final Schedules schedules;
    private final SafetyPoll safetyPoll;
    private final FloorRaising floors;
    private final LeaseRenewal leases;
    private final ChoreRounds chores;
    private final Job expiry;
    private final AtomicBoolean started = new AtomicBoolean();

    public Timetable(
            Threads threads,
            Recurring recurring,
            ListenState listenState,
            Schedules schedules,
            SafetyPoll safetyPoll,
            FloorRaising floors,
            LeaseRenewal leases,
            Sweeps sweeps,
            ChoreRounds chores) {
        this.threads = threads;
        this.listenState = listenState;
        this.schedules = schedules;
        this.safetyPoll = safetyPoll;
        this.floors = floors;
        this.leases = leases;
        this.chores = chores;
        this.expiry = new Job(threads, recurring, "the sweep of expired messages", sweeps::expired);
    }

    /** Once; further calls do nothing. */
    void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            threads.schedule(this::poll, POLL_MILLIS_WITHOUT_LISTEN);
            schedules.look();
            repeat(chores::start, upkeepMillis);
            repeat(leases::start, leases.everyMillis());
            repeat(expiry::start, EXPIRY_MILLIS);
            repeat(floors::start, FLOORS_MILLIS);
        }
    }

    private void repeat(Runnable task, long millis) {
        threads.schedule(
                () -> {
                    try {
                        task.run();
                    } finally { // whatever failed this time
                        repeat(task, millis);
                    }
                },
                millis);
    }

    private void poll() {
        try {
            safetyPoll.poll();
        } finally {
            threads.schedule(this::poll, listenState.isListening() ? pollMillis : POLL_MILLIS_WITHOUT_LISTEN);
        }
    }
}
