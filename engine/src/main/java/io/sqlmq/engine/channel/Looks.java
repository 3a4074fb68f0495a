package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Parameters;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks into channels, many in one statement, and wakes who waits there: now if something is ready or due, and by a timer
 * when the next message becomes due. One look at a time; what is wanted meanwhile is looked at by the next one.
 *
 * <p>There is a timer for the next message of a channel, or it is known that nobody knows
 * ({@link Channel#isNextUnknown}): whoever begins to wait then has it looked for, so that no message depends on the safety
 * poll for being in time. Thread-safe.
 */
public final class Looks {

    private static final String LOOK = "the look at which messages are due";

    /** Channels in one statement; and so many that are quiet, and as many others, the safety net looks at each time. */
    private static final int MOST = 500;

    /** A timer for later than this comes early, and there is another look. */
    private static final double LONGEST_MILLIS = 3_600_000;

    /** What a look takes for each channel, at most, where nothing is in its way. */
    private static final long USUAL_NANOS = 100_000;

    private final Database database;
    private final HousekeepingConnection housekeeping;
    private final Recurring recurring;
    private final Threads threads;
    private final Statements sql;
    private final Channels channels;
    private final Grace grace;
    private final Upkeep upkeep;
    private final Set<Channel> wanted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();
    /** When the look that is on its way was sent; 0: there is none. */
    private volatile long sent;

    public Looks(
            Database database,
            HousekeepingConnection housekeeping,
            Recurring recurring,
            Threads threads,
            Statements sql,
            Channels channels,
            Grace grace,
            Upkeep upkeep) {
        this.database = database;
        this.housekeeping = housekeeping;
        this.recurring = recurring;
        this.threads = threads;
        this.sql = sql;
        this.channels = channels;
        this.grace = grace;
        this.upkeep = upkeep;
    }

    /** Has these channels looked at, soon and by another thread. */
    public void want(Collection<Channel> channels) {
        if (wanted.addAll(channels)) {
            start();
        }
    }

    public void want(Channel channel) {
        if (wanted.add(channel)) {
            start();
        }
    }

    /**
     * The safety net: has channels looked at of which nobody was told anything. Of many it takes those that were looked at
     * longest ago, so that what it costs does not grow with their number; first those where something happens: what others
     * work on is back, without a word, when they die.
     */
    public void poll(Collection<Channel> channels) {
        List<Polled> waited = channels.stream()
                .filter(channel -> !channel.waiters().isEmpty())
                .map(channel -> new Polled(channel, channel.waiters().isStirred(), channel.lookedAt()))
                .sorted(Comparator.comparingLong(Polled::lookedAt))
                .toList();
        List<Channel> polled = new ArrayList<>();
        for (boolean stirred : new boolean[] {true, false}) {
            waited.stream()
                    .filter(channel -> channel.stirred() == stirred)
                    .limit(MOST)
                    .forEach(channel -> polled.add(channel.channel()));
        }
        want(polled); // all at once, or the first would be looked at alone
    }

    private record Polled(Channel channel, boolean stirred, long lookedAt) {}

    /** It is not known any more when the next message of the channel is due. */
    void forgetNext(Channel channel) {
        channel.setNextUnknown(true);
        if (!channel.waiters().isEmpty()) {
            want(channel);
        }
    }

    /** These messages are committed elsewhere. */
    void wakeFor(String name, Ready messages) {
        Channel channel = channels.known(name);
        if (channel != null && channel.hasConsumers()) {
            channel.waiters().signal(messages, threads.workers());
        }
    }

    /** Wakes a consumer of the channel in so many milliseconds. */
    public void wakeIn(String name, double millis) {
        Channel channel = channels.known(name);
        if (channel == null || !channel.hasConsumers()) {
            return; // consumers look before they wait
        }
        if (millis <= 0) {
            channel.waiters().signalUnknown(threads.workers());
        } else {
            startTimer(channel, millis, true);
        }
    }

    /**
     * A message of the channel is due in so many milliseconds, about: a look then tells when exactly.
     *
     * @param millis negative: a look is needed now
     */
    void lookIn(String name, double millis) {
        Channel channel = channels.known(name);
        if (channel == null) {
            return;
        }
        if (millis < 0 || !channel.hasConsumers()) {
            forgetNext(channel);
        } else {
            startTimer(channel, millis, false);
        }
    }

    private void startTimer(Channel channel, double millis, boolean exactly) {
        boolean wakes = exactly && millis <= LONGEST_MILLIS;
        long delay = (long) (Math.min(millis, LONGEST_MILLIS) * TimeUnit.MILLISECONDS.toNanos(1));
        long at = System.nanoTime() + delay;
        channel.timer().comeAt(at, () -> threads.startTimer(() -> timerCame(channel, at, wakes), delay));
    }

    private void timerCame(Channel channel, long at, boolean wakes) {
        if (channel.timer().came(at)) {
            channel.lookEverywhere();
            if (wakes) {
                channel.waiters().signalUnknown(threads.workers());
            }
            // Who was woken has the next one looked for when it has taken this one; others must not wait for that.
            forgetNext(channel);
        }
    }

    // Looking

    /** Whether a look has been on its way for so long that leases may be running out. */
    public boolean isStuck() {
        long since = sent;
        return since != 0 && grace.isLong(since);
    }

    private void start() {
        if (looking.compareAndSet(false, true)) {
            threads.workers().execute(this::run);
        }
    }

    private void run() {
        try {
            for (List<Channel> next = next(); !next.isEmpty(); next = next()) {
                look(next);
            }
        } finally {
            looking.set(false);
        }
        if (!wanted.isEmpty()) {
            start();
        }
    }

    private List<Channel> next() {
        List<Channel> next = new ArrayList<>();
        for (Iterator<Channel> each = wanted.iterator(); each.hasNext() && next.size() < MOST; ) {
            next.add(each.next());
            each.remove();
        }
        return next;
    }

    private void look(List<Channel> channels) {
        if (database.isDown()) {
            channels.forEach(channel -> channel.setNextUnknown(true)); // all are signalled when it is back
            return;
        }
        channels.forEach(Channel::looks);
        long now = System.nanoTime();
        sent = now;
        try {
            Pipeline pipeline = new Pipeline();
            List<Channel> everywhere = new ArrayList<>();
            for (Channel channel : channels) {
                String since = channel.waiting();
                if (since == null) {
                    everywhere.add(channel);
                } else {
                    pipeline.query(sql.lookBehind, p -> p.text(channel.name()).literal(since), this::wake);
                }
            }
            housekeeping.run(pipeline.query(sql.look, p -> bind(p, everywhere, channels), this::wake));
            raiseFloorsIfSlow(channels, System.nanoTime() - now);
            channels.forEach(Channel::setAnswered);
            if (recurring.isAnythingFailing()) {
                recurring.succeeded(LOOK);
                channels.forEach(channel -> recurring.succeeded(LOOK + " in " + channel.name()));
            }
        } catch (SQLException | RuntimeException e) {
            if (channels.size() > 1 && e instanceof SQLException refused && Failures.isRefusal(refused)) {
                look(channels.subList(0, channels.size() / 2)); // a message of one of them must not blind the others
                look(channels.subList(channels.size() / 2, channels.size()));
                return;
            }
            recurring.failed(
                    channels.size() == 1 ? LOOK + " in " + channels.get(0).name() : LOOK, e);
            for (Channel channel : channels) {
                channel.setNextUnknown(true);
                if (!database.isDown() && !channel.setAnswered()) {
                    channel.waiters().signalUnknown(threads.workers()); // its consumer looks, and hears why that fails
                }
            }
        } finally {
            sent = 0;
            if (grace.answered(now)) {
                upkeep.renewLeases();
            }
        }
    }

    private void raiseFloorsIfSlow(List<Channel> channels, long nanos) {
        long excess = nanos - USUAL_NANOS * channels.size();
        boolean any = false;
        for (Channel channel : channels) {
            any |= channel.cursors().plain().wasSlow(excess);
        }
        if (any) {
            upkeep.moved();
        }
    }

    private void wake(ResultSet rows) throws SQLException {
        while (rows.next()) {
            wakeIn(rows.getString(1), rows.getDouble(2));
        }
    }

    /** Ready rows are looked for in all {@code channels}, rows that wait only {@code everywhere}. */
    private static void bind(Parameters p, List<Channel> everywhere, List<Channel> channels) throws SQLException {
        List<String> names = new ArrayList<>();
        List<Short> from = new ArrayList<>();
        List<Short> to = new ArrayList<>();
        List<Long> floor = new ArrayList<>();
        List<Long> unloggedFloor = new ArrayList<>();
        List<Long> groupedFloor = new ArrayList<>();
        for (Channel channel : channels) {
            for (ClaimCursor.RankRange range : channel.cursors().plain().ranges()) {
                names.add(channel.name());
                from.add((short) range.from());
                to.add((short) range.to());
                floor.add(range.floor());
                unloggedFloor.add(range.unloggedFloor());
                groupedFloor.add(range.groupedFloor());
            }
        }
        p.texts(everywhere.stream().map(Channel::name).toArray(String[]::new))
                .texts(names.toArray(String[]::new))
                .smallints(from.toArray(Short[]::new))
                .smallints(to.toArray(Short[]::new))
                .bigints(floor.toArray(Long[]::new))
                .bigints(unloggedFloor.toArray(Long[]::new))
                .bigints(groupedFloor.toArray(Long[]::new));
    }
}
