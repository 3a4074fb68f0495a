package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Listening;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.schedule.Schedules;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * When what happens by itself: the safety poll, floors, leases, the sweep of expired messages, and all the {@link Chores}. Timers
 * only start work; the work runs on engine threads, each kind of it one at a time. While nobody consumes, nothing runs.
 */
public final class Maintenance implements Upkeep {

    /** See {@link Recurring}. */
    public static final String HEARTBEAT = "the heartbeat of this process";

    /** Tests set it to hours, so that nothing but a wake-up makes a consumer look. */
    private final long pollMillis = Long.getLong("io.sqlmq.engine.safetyPollMillis", 1_000);

    private static final long POLL_MILLIS_WITHOUT_LISTEN = 100;
    private static final long FLOORS_MILLIS = 100;
    private final long upkeepMillis = Long.getLong("io.sqlmq.engine.upkeepMillis", 5_000);
    private static final long EXPIRY_MILLIS = 2_000;
    /** Every so many upkeeps this process is marked alive, and more is swept. */
    private static final long SELDOM = 4;

    /** Every so many of those, what is done rarely. */
    private static final long RARELY = 3;

    private final Database database;
    private final Threads threads;
    private final Recurring recurring;
    private final ListenState listenState;
    private final Listening listening;
    private final ConsumerProcess owner;
    private final Looks looks;
    private final Schedules schedules;
    private final Registrations registrations;
    private final SafetyPoll safetyPoll;
    private final FloorRaising floors;
    private final LeaseRenewal leases;
    private final Chores chores;
    private final Job upkeep;
    private final Job expiry;
    private final AtomicBoolean started = new AtomicBoolean();
    private long sinceSeldom;
    private long sinceRarely;

    public Maintenance(
            Database database,
            Threads threads,
            Recurring recurring,
            ListenState listenState,
            Listening listening,
            ConsumerProcess owner,
            Looks looks,
            Schedules schedules,
            Registrations registrations,
            SafetyPoll safetyPoll,
            FloorRaising floors,
            LeaseRenewal leases,
            Sweeps sweeps,
            Chores chores) {
        this.database = database;
        this.threads = threads;
        this.recurring = recurring;
        this.listenState = listenState;
        this.listening = listening;
        this.owner = owner;
        this.looks = looks;
        this.schedules = schedules;
        this.registrations = registrations;
        this.safetyPoll = safetyPoll;
        this.floors = floors;
        this.leases = leases;
        this.chores = chores;
        this.upkeep = new Job(threads, recurring, "upkeep", this::upkeep);
        this.expiry = new Job(threads, recurring, "the sweep of expired messages", sweeps::expired);
    }

    // What the others tell

    @Override
    public void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            threads.schedule(this::poll, POLL_MILLIS_WITHOUT_LISTEN);
            schedules.look();
            repeat(upkeep::start, upkeepMillis);
            repeat(leases::start, leases.everyMillis());
            repeat(expiry::start, EXPIRY_MILLIS);
            repeat(floors::start, FLOORS_MILLIS);
        }
    }

    @Override
    public void alive() {
        if (!database.isClosed()) {
            listening.start();
            start();
        }
    }

    @Override
    public void leasing() {
        if (!database.isClosed()) {
            listening.start();
        }
    }

    @Override
    public void waiting(Channel channel) {
        if (database.isClosed()) {
            return;
        }
        alive();
        if (!channel.isRegistered() && listenState.isListening()) {
            registrations.register(); // which looks when that is done
        } else if (channel.isNextUnknown()) {
            looks.want(channel);
        }
    }

    @Override
    public void moved() {
        start(); // where others are just writing, raising floors takes more than one step
        floors.start();
    }

    @Override
    public void branchEnded() {
        floors.branchEnded();
    }

    @Override
    public void renewLeases() {
        leases.start();
    }

    @Override
    public void listening(boolean now) {
        if (now) {
            registrations.registerAgain();
        } else {
            registrations.unregister();
            // The connection broke, not this process: others must not take its missing lock for its death.
            threads.workers().execute(() -> recurring.run(HEARTBEAT, () -> owner.renew(listenState.isListening())));
        }
    }

    // Running

    private void repeat(Runnable task, long millis) {
        threads.schedule(
                () -> {
                    task.run();
                    repeat(task, millis);
                },
                millis);
    }

    private void poll() {
        safetyPoll.poll();
        threads.schedule(this::poll, listenState.isListening() ? pollMillis : POLL_MILLIS_WITHOUT_LISTEN);
    }

    private void upkeep() {
        if (database.isDown()) {
            return;
        }
        doAll(chores.often());
        registrations.register();
        if (!listenState.isListening() || sinceSeldom == 0) {
            schedules.look();
        }
        if (++sinceSeldom >= SELDOM) {
            sinceSeldom = 0;
            doAll(chores.seldom());
            if (++sinceRarely >= RARELY) {
                sinceRarely = 0;
                doAll(chores.rarely());
            }
        }
    }

    private void doAll(List<Chores.Chore> some) {
        some.forEach(chore -> recurring.run(chore.what(), chore.work()));
    }
}
