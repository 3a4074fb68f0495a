package io.sqlmq.engine;

import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Statements of ours that the server does not answer. Most just wait: for a lock, or a COMMIT for a standby; that may take as
 * long as it takes. But where the host or the way to it has gone without a word, no answer ever comes, and the driver would
 * wait for it for hours. So after a while the server is asked, on another connection, whether it is still working for those who
 * wait. If it is not, or if nobody answers, their connections are aborted, and they go on as after any other broken connection.
 *
 * <p>What the application runs on a connection by itself is not watched. Time is counted in ticks of a timer, so that a process
 * that was frozen takes nobody for silent. Thread-safe.
 */
final class Silence implements AutoCloseable {

    private static final int TICKS = 4;

    /** A statement may end while the server is being asked about it, or its answer be under way. */
    private static final int ENOUGH_DOUBTS = 2;

    /** Bytes per millisecond that the slowest line carries: while a request is on its way, the server is idle. */
    private static final long SLOWEST = 64;

    /** After so many ticks without any statement the timer stops. */
    private static final int IDLE_TICKS = 20;

    private static final String ASK = """
            SELECT pg_backend_pid(),
                   ARRAY(SELECT a.pid FROM pg_catalog.pg_stat_activity a
                          WHERE a.pid = ANY (?) AND coalesce(a.state, '') NOT LIKE 'idle%')""";

    private static final String WRITABLE = "SELECT current_setting('transaction_read_only') = 'on'";

    /** Whose connection it is, and how often the host had gone before it was made. */
    private record Watched(Silence silence, int losses) {}

    private static final Map<PGConnection, Watched> WATCHED = Collections.synchronizedMap(new WeakHashMap<>());

    /** A statement on its way. */
    final class Call {

        private final PGConnection connection;
        /** Made before the host had gone. */
        private final boolean outdated;

        private volatile long bytes;
        private int ticks;
        private int doubts;

        private Call(PGConnection connection, boolean outdated) {
            this.connection = connection;
            this.outdated = outdated;
        }

        /** So much is sent. */
        void sends(long size) {
            bytes = size;
        }

        void ends() {
            calls.remove(this);
        }

        private boolean isSuspect() {
            return ticks > (outdated ? 1 : TICKS);
        }

        private boolean isWorkedOn(Set<Integer> working) {
            return working.contains(connection.getBackendPID()) || ticks * tickMillis < bytes / SLOWEST;
        }
    }

    private final Engine engine;
    private final ConnectionSource source;
    private final int millis;
    private final long tickMillis;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ticking = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final AtomicInteger losses = new AtomicInteger();
    private int idleTicks;
    private int askedTicks;

    /**
     * Watches for an engine.
     *
     * @param source where another connection comes from
     * @param hostTimeout how long a server may be silent that has nothing to wait for; zero: for ever
     */
    Silence(Engine engine, ConnectionSource source, Duration hostTimeout) {
        this.engine = engine;
        this.source = source;
        this.millis = Math.toIntExact(hostTimeout.toMillis());
        this.tickMillis = Math.max(1, millis / TICKS);
    }

    /** From now on the engine's statements on this connection are watched. */
    void watch(Connection connection) throws SQLException {
        if (millis > 0) {
            PGConnection driver = connection.unwrap(PGConnection.class);
            Watched known = WATCHED.get(driver);
            if (known == null || known.silence() != this) {
                WATCHED.put(driver, new Watched(this, losses.get()));
            }
        }
    }

    /** A statement begins; null where nobody watches the connection. */
    static @Nullable Call begin(Connection connection) throws SQLException {
        PGConnection driver = connection.unwrap(PGConnection.class);
        Watched watched = WATCHED.get(driver);
        return watched == null ? null : watched.silence().begin(driver, watched.losses());
    }

    private Call begin(PGConnection driver, int lossesBefore) {
        Call call = new Call(driver, lossesBefore != losses.get());
        calls.add(call);
        if (!ticking.get() && ticking.compareAndSet(false, true)) {
            engine.threads().schedule(this::tick, tickMillis);
        }
        return call;
    }

    private void tick() {
        idleTicks = calls.isEmpty() ? idleTicks + 1 : 0;
        if (idleTicks > IDLE_TICKS) {
            idleTicks = 0;
            ticking.set(false);
            if (calls.isEmpty() || !ticking.compareAndSet(false, true)) {
                return;
            }
        }
        calls.forEach(call -> call.ticks++);
        if (engine.isDown()) {
            calls.stream().filter(call -> call.outdated && call.isSuspect()).forEach(this::abort);
        }
        if (asking.get()) {
            if (++askedTicks > TICKS) {
                askedTicks = 0;
                engine.threads()
                        .workers()
                        .execute(() ->
                                hostIsGone(new SQLException("The host of the database does not answer", "08006")));
            }
        } else if (!engine.isListening() && calls.stream().anyMatch(Call::isSuspect)) {
            askedTicks = 0;
            asking.set(true);
            engine.threads().workers().execute(this::askElsewhere);
        }
        engine.threads().schedule(this::tick, tickMillis);
    }

    /** Asks on a connection of its own; where the reader of notifications has one, that asks. */
    private void askElsewhere() {
        try {
            Connection connection = source.openForProbe();
            try {
                ask(connection);
            } finally {
                Failures.close(connection);
            }
        } catch (SQLException e) {
            if (Failures.isUnreachable(e)) {
                hostIsGone(e);
            }
        } finally {
            asking.set(false);
        }
    }

    /** Asks whether the server works for those who wait, and aborts the others. */
    void ask(Connection connection) throws SQLException {
        List<Call> suspects = calls.stream().filter(Call::isSuspect).toList();
        if (suspects.isEmpty()) {
            return;
        }
        Integer[] pids =
                suspects.stream().map(call -> call.connection.getBackendPID()).toArray(Integer[]::new);
        Set<Integer> working = new HashSet<>();
        int[] me = new int[1];
        runPromptly(connection, new Pipeline().query(ASK, p -> p.integers(pids), rows -> {
                    rows.next();
                    me[0] = rows.getInt(1);
                    working.addAll(List.of((Integer[]) rows.getArray(2).getArray()));
                }));
        if (me[0] != connection.unwrap(PGConnection.class).getBackendPID()) {
            return; // a pooler is in between: numbers tell nothing, and it answers
        }
        suspects.stream()
                .filter(call -> !call.isWorkedOn(working) && ++call.doubts >= ENOUGH_DOUBTS)
                .forEach(this::abort);
    }

    /** Fails when the server cannot be written to, or does not answer in time. */
    void requireWritable(Connection connection) throws SQLException {
        boolean[] readOnly = new boolean[1];
        runPromptly(connection, new Pipeline().query(WRITABLE, p -> {}, rows -> {
                    rows.next();
                    readOnly[0] = rows.getBoolean(1);
                }));
        if (readOnly[0]) {
            Failures.abort(connection.unwrap(PGConnection.class));
            throw new SQLException(
                    "The server is a hot standby or default_transaction_read_only is on. sqlmq needs the primary: name "
                            + "all hosts and targetServerType=primary in the URL",
                    Failures.READ_ONLY);
        }
    }

    /** Runs what a server that is there answers at once. */
    private void runPromptly(Connection connection, Pipeline pipeline) throws SQLException {
        if (millis == 0 || !(connection.unwrap(PGConnection.class) instanceof Connection driver)) {
            pipeline.run(connection);
            return;
        }
        int before = driver.getNetworkTimeout();
        driver.setNetworkTimeout(Runnable::run, millis);
        try {
            pipeline.run(connection);
        } catch (SQLException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                hostIsGone(e);
            }
            throw e;
        } finally {
            if (!driver.isClosed()) {
                driver.setNetworkTimeout(Runnable::run, before);
            }
        }
    }

    /** Nobody answers: who has waited for as long does so in vain, and connections from before are of no use. */
    void hostIsGone(SQLException e) {
        losses.incrementAndGet();
        engine.statementFailed(e, true);
        source.hostIsGone();
        calls.stream().filter(Call::isSuspect).forEach(this::abort);
    }

    private void abort(Call call) {
        if (calls.contains(call)) {
            engine.log().debug("Aborting {}, which nobody answers", call.connection);
            engine.threads().workers().execute(() -> Failures.abort(call.connection));
        }
    }

    /** Nobody waits any longer. */
    @Override
    public void close() {
        calls.forEach(call -> Failures.abort(call.connection));
    }
}
