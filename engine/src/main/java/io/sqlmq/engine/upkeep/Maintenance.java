package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.claim.Floors;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.topic.Subscriptions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Everything that has to happen by itself: the safety poll, floors, leases, the sweep of expired messages. Timers only start work; the work runs on engine threads, each kind of it
 * one at a time. While nobody consumes, nothing runs.
 */
public final class Maintenance {

    /** Tests set it to hours, so that nothing but a wake-up makes a consumer look. */
    private final long pollMillis = Long.getLong("io.sqlmq.engine.safetyPollMillis", 1_000);

    private static final long POLL_MILLIS_WITHOUT_LISTEN = 100;
    private static final long FLOORS_MILLIS = 100;
    private final long upkeepMillis = Long.getLong("io.sqlmq.engine.upkeepMillis", 5_000);
    private static final long EXPIRY_MILLIS = 2_000;
    /** Every so many upkeeps this process is marked alive, and more is swept. */
    private static final long SWEEP_EVERY = 4;

    /** Every so many of those, who holds slots of groups is looked for: once a minute. */
    private static final long HOLDERS_EVERY = 3;

    private static final int SWEEP_MESSAGES = 1_000;
    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Engine engine;
    private final Floors floors;
    private final AtomicBoolean started = new AtomicBoolean();
    /** Held while others are told where somebody waits and where nobody does: in that order for each channel. */
    private final Object registrations = new Object();

    private final AtomicBoolean registering = new AtomicBoolean();
    private final AtomicBoolean registerWanted = new AtomicBoolean();
    private final AtomicBoolean raisingFloors = new AtomicBoolean();
    private final AtomicBoolean keepingUp = new AtomicBoolean();
    private final AtomicBoolean renewing = new AtomicBoolean();
    private final AtomicBoolean expiring = new AtomicBoolean();
    private Set<Integer> lookedDead = Set.of();
    private long sinceSweep;
    private final SlotHolders slotHolders;
    private long sinceHolders;

    public Maintenance(Engine engine) {
        this.engine = engine;
        this.floors = new Floors(engine);
        this.slotHolders = new SlotHolders(engine);
    }

    // Waiting consumers

    /** The first consumer waits or the first lease is taken: from now on the rest runs. */
    public void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            engine.threads().schedule(this::poll, POLL_MILLIS_WITHOUT_LISTEN);
            engine.schedules().look();
            repeat(() -> once(keepingUp, "upkeep", this::upkeep), upkeepMillis);
            repeat(this::renewLeases, engine.options().leaseTime().toMillis() / 3);
            repeat(() -> once(expiring, "the sweep of expired messages", this::sweepExpired), EXPIRY_MILLIS);
            repeat(this::raiseFloors, FLOORS_MILLIS);
        }
    }

    private void repeat(Runnable task, long millis) {
        engine.threads()
                .schedule(
                        () -> {
                            task.run();
                            repeat(task, millis);
                        },
                        millis);
    }

    /** The safety net: what nobody was told of. */
    private void poll() {
        engine.looks().poll(engine.channels().all());
        if (!engine.looks().isStuck() && engine.grace().tick()) {
            renewLeases();
        }
        engine.threads().schedule(this::poll, engine.hearsEverything() ? pollMillis : POLL_MILLIS_WITHOUT_LISTEN);
    }

    /** Tells other processes which channels are waited for here; done soon, by another thread, many in one statement. */
    public void register() {
        registerWanted.set(true);
        once(registering, "registering where consumers wait", () -> {
            while (registerWanted.getAndSet(false)) {
                registerMissing();
            }
        });
    }

    private void registerMissing() throws SQLException {
        synchronized (registrations) {
            List<Channel> missing = engine.channels().all().stream()
                    .filter(c -> c.hasConsumers() && !c.isRegistered())
                    .toList();
            boolean first = !engine.schedules().isRegistered();
            if ((missing.isEmpty() && !first) || !engine.isListening()) {
                return;
            }
            int owner = engine.owner().id();
            List<String> names =
                    new ArrayList<>(missing.stream().map(Channel::name).toList());
            if (first) {
                names.add(Schedules.CHANNEL);
            }
            Pipeline pipeline = new Pipeline();
            pipeline.add(engine.sql().registerWaiters, p -> p.integer(owner).texts(names.toArray(String[]::new)));
            engine.runHousekeeping(pipeline);
            if (first) {
                engine.schedules().setRegistered(true);
                engine.schedules().look();
            }
            missing.forEach(channel -> channel.setRegistered(true));
            engine.looks().want(missing); // whoever committed before us did not know
        }
    }

    /** The LISTEN connection broke, not this process: others must not take its missing lock for its death. */
    public void lockLost() {
        engine.threads()
                .workers()
                .execute(() -> step(
                        "the heartbeat of this process", () -> engine.owner().renew(engine.isListening())));
    }

    // Upkeep

    /** Each step by itself: what one process may not do, or a row prevents, must not keep it from the rest. */
    private void upkeep() {
        if (engine.isDown()) {
            return;
        }
        step("the check of what this process has registered", engine.registrations()::verify);
        step("the check of consumers of subscriptions", engine.subscriptions()::checkMine);
        step("the check of client identifiers", engine.clientIdentifiers()::checkMine);
        register();
        step(Signatures.SETTLE, engine.signatures()::settle);
        step("the look for processes that died with messages under lease", this::wakeDeadLeases);
        step("the sweep of temporary destinations", engine.temporaries()::sweep);
        if (!engine.isListening() || sinceSweep == 0) {
            engine.schedules().look();
        }
        if (++sinceSweep >= SWEEP_EVERY) {
            sinceSweep = 0;
            step("the heartbeat of this process", () -> engine.owner().renew(engine.isListening()));
            step("leaving subscriptions", engine.subscriptions()::retry);
            step("giving client identifiers back", engine.clientIdentifiers()::retry);
            step("giving exclusive queues back", engine.exclusives()::retry);
            step("the sweep of what dead processes have registered", engine.liveness()::sweep);
            step(Subscriptions.SWEEP_GONE, engine.subscriptions()::sweepGone);
            step("the sweep of shared bodies", engine.payloads()::sweep);
            step(
                    "the sweep of dead processes",
                    () -> engine.runHousekeeping(new Pipeline().add(engine.sql().sweepOwners)));
            step(
                    "the sweep of signatures",
                    () -> engine.runHousekeeping(
                            new Pipeline().query(engine.sql().sweepSignatures, p -> p.integer(0), rows -> {})));
            step("unregistering where nobody waits any more", this::dropUnusedChannels);
            if (++sinceHolders >= HOLDERS_EVERY) {
                sinceHolders = 0;
                step("the look for who holds slots of groups", slotHolders::look);
            }
            step(
                    "the sweep of identifiers against duplicates",
                    () -> engine.deduplicating().sweep(engine));
        }
    }

    private void step(String what, Recurring.Work work) {
        engine.recurring().run(what, work);
    }

    /** Until it is done: there is not much time for it. */
    public void renewLeases() {
        once(renewing, "the renewal of leases", () -> {
            try {
                engine.leases().renew();
            } catch (SQLException e) {
                engine.soon(this::renewLeases);
                throw e;
            }
        });
    }

    /** Ends leases of processes that looked dead now and the time before: one may be about to reconnect. */
    private void wakeDeadLeases() throws SQLException {
        int me = engine.owner().idIfKnown();
        Set<Integer> dead = new HashSet<>();
        Pipeline find = new Pipeline();
        find.query(engine.sql().deadOwners, p -> p.integer(me), rows -> {
            while (rows.next()) {
                dead.add(rows.getInt(1));
            }
        });
        engine.runHousekeeping(find);
        Integer[] surely = dead.stream().filter(lookedDead::contains).toArray(Integer[]::new);
        lookedDead = dead;
        if (surely.length == 0) {
            return;
        }
        Pipeline free = new Pipeline();
        free.query(engine.sql().endLeases, p -> p.integers(surely).integers(surely), rows -> {
            while (rows.next()) {
                engine.looks().wakeIn(rows.getString(1), 0);
            }
        });
        engine.runHousekeeping(free);
    }

    private void sweepExpired() throws SQLException {
        int[] swept = new int[1];
        do {
            Pipeline pipeline = new Pipeline();
            pipeline.query(
                    engine.sql().sweepExpired,
                    p -> p.integer(SWEEP_MESSAGES)
                            .text(engine.options().expiredTo())
                            .bool(engine.options().expiredToIsPrefix()),
                    rows -> {
                        rows.next();
                        swept[0] = rows.getInt(1);
                    });
            engine.runHousekeeping(pipeline);
        } while (swept[0] >= SWEEP_MESSAGES);
    }

    private void dropUnusedChannels() throws SQLException {
        engine.channels().dropUnused(UNUSED_NANOS);
        synchronized (registrations) {
            Set<String> dropped = engine.channels().stillRegistered();
            int owner = engine.owner().idIfKnown();
            if (!dropped.isEmpty() && owner != 0) {
                String[] names = dropped.toArray(String[]::new);
                engine.runHousekeeping(new Pipeline()
                        .add(engine.sql().dropWaiters, p -> p.integer(owner).texts(names)));
                engine.channels().unregistered(dropped);
            }
        }
    }

    /** A channel has moved on enough, or was slow. Where others are just writing, that takes more than one step. */
    public void raiseFloors() {
        start();
        once(
                raisingFloors,
                "the look for the heads of queues",
                () -> floors.advance(engine.channels().all()));
    }

    /** A prepared transaction was ended by this process: what floors have passed may be there again. */
    public void branchEnded() {
        if (floors.havePassedAnyInDoubt()) {
            forgetFloors();
            engine.wakeups().signalAll();
        }
    }

    /** The server may not be the one it was. */
    public void forgetFloors() {
        floors.forget(engine.channels().all());
    }

    // Running

    /** Starts work on an engine thread unless the same kind is running. */
    private void once(AtomicBoolean running, String what, Recurring.Work work) {
        if (running.compareAndSet(false, true)) {
            engine.threads().workers().execute(() -> {
                try {
                    step(what, work);
                } finally {
                    running.set(false);
                }
                if (running == registering && registerWanted.get()) {
                    register(); // wanted at the very end
                }
            });
        }
    }
}
