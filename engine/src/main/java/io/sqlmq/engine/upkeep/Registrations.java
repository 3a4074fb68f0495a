package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.Schedule;
import io.sqlmq.engine.schedule.Schedules;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What this process writes into the database once, and relies on from then on: its number, the channels on which it may
 * wait, its subscriptions and client identifiers, its signatures. Others delete that when it looks dead (it was frozen, or
 * cut off), and a hand may; so it is looked at again and again, in one round trip, and put back. Exclusive channels need
 * none of it: they are asked for again before they are used. Thread-safe.
 */
public final class Registrations {

    /** See {@link Recurring}. */
    public static final String HEARTBEAT = "the heartbeat of this process";

    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final HousekeepingConnection housekeeping;
    private final Recurring recurring;
    private final Threads threads;
    private final Statements sql;
    private final ListenState listenState;
    private final ConsumerProcess owner;
    private final Channels channels;
    private final Looks looks;
    private final Signatures signatures;
    private final Schedules schedules;
    private final Job job;
    private final AtomicBoolean wanted = new AtomicBoolean();
    /** Held while others are told where somebody waits and where nobody does: in that order for each channel. */
    private final Object telling = new Object();

    public Registrations(
            HousekeepingConnection housekeeping,
            Recurring recurring,
            Threads threads,
            Statements sql,
            ListenState listenState,
            ConsumerProcess owner,
            Channels channels,
            Looks looks,
            Signatures signatures,
            Schedules schedules) {
        this.housekeeping = housekeeping;
        this.recurring = recurring;
        this.threads = threads;
        this.sql = sql;
        this.listenState = listenState;
        this.owner = owner;
        this.channels = channels;
        this.looks = looks;
        this.signatures = signatures;
        this.schedules = schedules;
        this.job = new Job(threads, recurring, "registering where consumers wait", () -> {
            while (wanted.getAndSet(false)) {
                registerMissing();
            }
        });
    }

    /** Notifications are heard from now on, or no longer. */
    void listening(boolean now) {
        if (now) {
            registerAgain();
        } else {
            unregister();
            // The connection broke, not this process: others must not take its missing lock for its death.
            threads.workers().execute(() -> recurring.run(HEARTBEAT, () -> owner.renew(listenState.isListening())));
        }
    }

    /** Tells other processes which channels are waited for here; done soon, by another thread, many in one statement. */
    void register() {
        wanted.set(true);
        job.start(() -> {
            if (wanted.get()) {
                register(); // wanted at the very end
            }
        });
    }

    private void registerMissing() throws SQLException {
        synchronized (telling) {
            List<Channel> missing = channels.all().stream()
                    .filter(c -> c.hasConsumers() && !c.isRegistered())
                    .toList();
            boolean first = !schedules.isRegistered();
            if ((missing.isEmpty() && !first) || !listenState.isListening()) {
                return;
            }
            int me = owner.id();
            Map<String, String> waiting = selectors(missing);
            if (first) {
                waiting.put(Schedule.CHANNEL, "");
            }
            Pipeline pipeline = new Pipeline();
            addRegister(pipeline, me, waiting);
            housekeeping.run(pipeline);
            missing.forEach(channel -> channel.setRegisteredSelectors(waiting.get(channel.name())));
            if (first) {
                schedules.setRegistered(true);
                schedules.look();
            }
            missing.forEach(channel -> channel.setRegistered(true));
            looks.want(missing); // whoever committed before us did not know
        }
    }

    private static Map<String, String> selectors(List<Channel> channels) {
        Map<String, String> selectors = new LinkedHashMap<>();
        channels.forEach(channel -> selectors.put(channel.name(), channel.selectors()));
        return selectors;
    }

    private void addRegister(Pipeline pipeline, int me, Map<String, String> waiting) {
        pipeline.add(
                sql.registerWaiters,
                p -> p.integer(me)
                        .texts(waiting.keySet().toArray(String[]::new))
                        .texts(waiting.values().toArray(String[]::new)));
    }

    /** Others have forgotten where this process waits, or will. */
    private void unregister() {
        channels.all().forEach(channel -> channel.setRegistered(false));
        schedules.setRegistered(false);
    }

    /** Tells others anew on which channels this process may wait, and looks there. */
    private void registerAgain() {
        unregister();
        register();
    }

    /** Unregisters where nobody waits any more. */
    public void dropUnused() throws SQLException {
        channels.dropUnused(UNUSED_NANOS);
        synchronized (telling) {
            Set<String> dropped = channels.stillRegistered();
            int me = owner.idIfKnown();
            if (!dropped.isEmpty() && me != 0) {
                String[] names = dropped.toArray(String[]::new);
                housekeeping.run(
                        new Pipeline().add(sql.dropWaiters, p -> p.integer(me).texts(names)));
                channels.unregistered(dropped);
            }
        }
    }

    /** Looks whether all is there, and puts back what is not; tells operators which selectors are new. */
    public void verify() throws SQLException {
        int me = owner.idIfKnown();
        if (me == 0) {
            return;
        }
        // All of these are counted up after they were written.
        long lost = signatures.lost();
        int provided = signatures.provided();
        long waiters =
                channels.all().stream().filter(Channel::isRegistered).count() + (schedules.isRegistered() ? 1 : 0);
        long[] found = new long[2];
        Pipeline pipeline = new Pipeline();
        owner.addRenewIfLate(pipeline, listenState.isListening());
        pipeline.query(sql.registered, p -> p.integer(me).integer(me).bigint(lost), rows -> {
            rows.next();
            found[0] = rows.getLong(1);
            found[1] = rows.getLong(2);
        });
        List<Channel> changed =
                channels.all().stream().filter(Channel::hasNewSelectors).toList();
        Map<String, String> selectors = selectors(changed);
        if (!changed.isEmpty()) {
            addRegister(pipeline, me, selectors);
        }
        housekeeping.run(pipeline);
        changed.forEach(channel -> channel.setRegisteredSelectors(selectors.get(channel.name())));
        if (found[0] < waiters) {
            registerAgain();
        }
        if (found[1] < provided) {
            signatures.lose();
        }
    }
}
