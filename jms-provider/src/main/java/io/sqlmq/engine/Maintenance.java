package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that has to happen by itself: the safety poll, floors, leases, the sweep of expired messages. Timers only start work; the work runs on engine threads, each kind of it
 * one at a time. While nobody consumes, nothing runs.
 */
final class Maintenance {

    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    /** Tests set it to hours, so that nothing but a wake-up makes a consumer look. */
    private final long pollMillis = Long.getLong("io.sqlmq.engine.safetyPollMillis", 1_000);

    private static final long POLL_MILLIS_WITHOUT_LISTEN = 100;
    private static final long FLOORS_MILLIS = 100;
    private static final long UPKEEP_MILLIS = 5_000;
    private static final long EXPIRY_MILLIS = 2_000;
    /** Every so many upkeeps this process is marked alive, and more is swept. */
    private static final long SWEEP_EVERY = 4;

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

    Maintenance(Engine engine) {
        this.engine = engine;
        this.floors = new Floors(engine);
    }

    // Waiting consumers

    /** The first consumer waits or the first lease is taken: from now on the rest runs. */
    void start() {
        if (!started.get() && started.compareAndSet(false, true)) {
            engine.threads().schedule(this::poll, POLL_MILLIS_WITHOUT_LISTEN);
            engine.schedules().look();
            repeat(() -> once(keepingUp, this::upkeep), UPKEEP_MILLIS);
            repeat(this::renewLeases, engine.options().leaseTime().toMillis() / 3);
            repeat(() -> once(expiring, this::sweepExpired), EXPIRY_MILLIS);
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
    void register() {
        registerWanted.set(true);
        once(registering, () -> {
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
    void lockLost() {
        engine.threads()
                .workers()
                .execute(() -> quietly(() -> {
                    if (!engine.isDown()) {
                        engine.owner().renew(engine.isListening());
                    }
                }));
    }

    // Upkeep

    private void upkeep() throws SQLException {
        if (engine.isDown()) {
            return;
        }
        engine.registrations().verify();
        register();
        engine.signatures().settle();
        wakeDeadLeases();
        engine.temporaries().sweep();
        if (!engine.isListening() || sinceSweep == 0) {
            engine.schedules().look();
        }
        if (++sinceSweep >= SWEEP_EVERY) {
            sinceSweep = 0;
            engine.owner().renew(engine.isListening());
            sweepTopics();
            Pipeline pipeline = new Pipeline();
            pipeline.add(engine.sql().sweepOwners).query(engine.sql().sweepSignatures, p -> p.integer(0), rows -> {});
            engine.runHousekeeping(pipeline);
            dropUnusedChannels();
            engine.deduplicating().sweep(engine);
        }
    }

    /** Until it is done: there is not much time for it. */
    void renewLeases() {
        once(renewing, () -> {
            try {
                if (!engine.isDown()) {
                    engine.leases().renew();
                }
            } catch (SQLException e) {
                engine.soon(this::renewLeases);
                throw e;
            }
        });
    }

    private void sweepTopics() throws SQLException {
        engine.subscriptions().retry();
        engine.clientIdentifiers().retry();
        engine.exclusives().retry();
        engine.liveness().sweep();
        engine.subscriptions().sweepGone();
        engine.payloads().sweep();
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
        if (engine.isDown()) {
            return;
        }
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

    /** A channel has moved on enough. */
    void raiseFloors() {
        once(raisingFloors, () -> {
            if (!engine.isDown()) {
                floors.advance(engine.channels().all());
            }
        });
    }

    /** A prepared transaction was ended by this process: what floors have passed may be there again. */
    void branchEnded() {
        if (floors.havePassedAnyInDoubt()) {
            forgetFloors();
            engine.wakeups().signalAll();
        }
    }

    /** The server may not be the one it was. */
    void forgetFloors() {
        floors.forget(engine.channels().all());
    }

    // Running

    private interface Work {
        void run() throws SQLException;
    }

    /** Starts work on an engine thread unless the same kind is running. */
    private void once(AtomicBoolean running, Work work) {
        if (running.compareAndSet(false, true)) {
            engine.threads().workers().execute(() -> {
                try {
                    quietly(work);
                } finally {
                    running.set(false);
                }
                if (running == registering && registerWanted.get()) {
                    register(); // wanted at the very end
                }
            });
        }
    }

    private static void quietly(Work work) {
        try {
            work.run();
        } catch (SQLException e) {
            LOG.debug("Will be tried again", e);
        } catch (RuntimeException e) {
            LOG.warn("Maintenance failed; it will be tried again", e);
        }
    }
}
