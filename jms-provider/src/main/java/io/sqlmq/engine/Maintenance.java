package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that has to happen by itself: the safety poll, wake-ups for messages that become due,
 * floors, leases, the sweep of expired messages. Timers only start work; the work runs on engine threads, each kind of it
 * one at a time. While nobody consumes, nothing runs.
 */
final class Maintenance {

    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    private static final long POLL_MILLIS = 1_000;
    private static final long POLL_MILLIS_WITHOUT_LISTEN = 100;
    private static final long FLOORS_MILLIS = 100;
    private static final long UPKEEP_MILLIS = 5_000;
    private static final long EXPIRY_MILLIS = 2_000;
    /** Every so many upkeeps this process is marked alive, and more is swept. */
    private static final long SWEEP_EVERY = 4;

    private static final int SWEEP_MESSAGES = 1_000;
    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** How far ahead the wake-up of a due message is scheduled; the poll finds later ones in time. */
    private static final double AHEAD_MILLIS = 2_000;

    private final Engine engine;
    private final Floors floors;
    private final AtomicBoolean started = new AtomicBoolean();
    /** Held while others are told where somebody waits and where nobody does: in that order for each channel. */
    private final Object registrations = new Object();

    private final AtomicBoolean registering = new AtomicBoolean();
    private final AtomicBoolean polling = new AtomicBoolean();
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
            repeat(
                    () -> once(renewing, this::renewLeases),
                    engine.options().leaseTime().toMillis() / 3);
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

    private void poll() {
        once(
                polling,
                () -> look(engine.channels().all().stream()
                        .filter(Channel::hasWaiters)
                        .toList()));
        engine.threads().schedule(this::poll, engine.hearsEverything() ? POLL_MILLIS : POLL_MILLIS_WITHOUT_LISTEN);
    }

    /** Looks into channels and wakes who waits there, now or when the next message is due. */
    void look(Collection<Channel> channels) throws SQLException {
        if (channels.isEmpty() || engine.isDown()) {
            return;
        }
        List<String> names = new ArrayList<>();
        List<String> laneNames = new ArrayList<>();
        List<Short> from = new ArrayList<>();
        List<Short> to = new ArrayList<>();
        List<Long> floor = new ArrayList<>();
        List<Long> twinFloor = new ArrayList<>();
        List<Long> groupedFloor = new ArrayList<>();
        for (Channel channel : channels) {
            names.add(channel.name());
            for (Head.Lane lane : channel.heads().plain().lanes()) {
                laneNames.add(channel.name());
                from.add((short) lane.from());
                to.add((short) lane.to());
                floor.add(lane.floor());
                twinFloor.add(lane.twinFloor());
                groupedFloor.add(lane.groupedFloor());
            }
        }
        Pipeline pipeline = new Pipeline();
        pipeline.query(
                engine.sql().look,
                p -> p.texts(names.toArray(String[]::new))
                        .texts(laneNames.toArray(String[]::new))
                        .smallints(from.toArray(Short[]::new))
                        .smallints(to.toArray(Short[]::new))
                        .bigints(floor.toArray(Long[]::new))
                        .bigints(twinFloor.toArray(Long[]::new))
                        .bigints(groupedFloor.toArray(Long[]::new)),
                rows -> {
                    while (rows.next()) {
                        double due = rows.getDouble(2);
                        if (due < AHEAD_MILLIS) {
                            wakeIn(rows.getString(1), due);
                        }
                    }
                });
        engine.runHousekeeping(pipeline);
    }

    /** Wakes a consumer of the channel after so many milliseconds. */
    void wakeIn(String name, double millis) {
        Channel channel = engine.channels().known(name);
        if (channel == null || !channel.hasConsumers()) {
            return;
        }
        if (millis <= 0) {
            channel.signalUnknown(engine.threads().workers());
            return;
        }
        long delay = (long) Math.ceil(millis);
        long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay);
        if (channel.wakesAt(at)) {
            engine.threads().schedule(() -> wake(channel, at), delay);
        }
    }

    private void wake(Channel channel, long at) {
        if (channel.wakeCame(at)) {
            engine.threads().workers().execute(() -> {
                channel.signalUnknown(engine.threads().workers());
                quietly(() -> look(List.of(channel)));
            });
        }
    }

    /** Tells other processes which channels are waited for here; done soon, by another thread. */
    void register() {
        once(registering, this::registerMissing);
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
            for (Channel channel : missing) {
                channel.setRegistered(true);
                // Whoever committed before us did not know: look again.
                channel.signalUnknown(engine.threads().workers());
            }
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
        register();
        engine.signatures().settle();
        wakeDeadLeases();
        if (!engine.isListening() || sinceSweep == 0) {
            engine.schedules().look();
        }
        if (++sinceSweep >= SWEEP_EVERY) {
            sinceSweep = 0;
            engine.owner().renew(engine.isListening());
            sweepTopics();
            Pipeline pipeline = new Pipeline();
            pipeline.add(engine.sql().sweepTemporary)
                    .add(engine.sql().sweepOwners)
                    .query(engine.sql().sweepSignatures, p -> p.integer(0), rows -> {});
            engine.runHousekeeping(pipeline);
            dropUnusedChannels();
            engine.deduplicating().sweep(engine);
        }
    }

    private void renewLeases() throws SQLException {
        if (!engine.isDown()) {
            engine.leases().renew();
        }
    }

    private void sweepTopics() throws SQLException {
        engine.subscriptions().checkMine();
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
                wakeIn(rows.getString(1), 0);
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
