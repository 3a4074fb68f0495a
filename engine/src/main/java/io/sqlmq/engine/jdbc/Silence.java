package io.sqlmq.engine.jdbc;

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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statements of ours that the server does not answer. Most just wait: for a lock, or a COMMIT for a standby; that may take as
 * long as it takes. But where the host or the way to it has gone without a word, no answer ever comes, and the driver would
 * wait for it for hours. So after a while the server is asked, on another connection, whether it is still working for those who
 * wait. If it is not, or if nobody answers, their connections are aborted, and they go on as after any other broken connection.
 *
 * <p>What the application runs on a connection by itself is not watched: it may take as long as it takes. Only when the host has
 * gone, connections to it are aborted in whosever hands they are, as soon as it is certain that nobody works for them: another
 * server or another address answers, the server has no such backend, or nobody has answered for several attempts.
 *
 * <p>Time is counted in ticks of a timer, so that a process that was frozen takes nobody for silent. Thread-safe.
 */
public final class Silence implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Silence.class);

    private static final int TICKS = 4;

    /** A statement may end while the server is being asked about it, or its answer be under way. */
    private static final int ENOUGH_DOUBTS = 2;

    /** Bytes per millisecond that the slowest line carries: while a request is on its way, the server is idle. */
    private static final long SLOWEST = 64;

    /** After so many ticks without any statement the timer stops. */
    private static final int IDLE_TICKS = 20;

    /** When nobody answers, a host that is only slow should have recovered by the second attempt. */
    private static final int ENOUGH_ATTEMPTS = 2;

    /** What a host that had not gone has cut off shows by then: servers look for dead clients every few seconds. */
    private static final int ENOUGH_LOOKS = 60;

    private static final String ASK = """
            SELECT pg_backend_pid(),
                   ARRAY(SELECT a.pid FROM pg_catalog.pg_stat_activity a
                          WHERE a.pid = ANY (?) AND coalesce(a.state, '') NOT LIKE 'idle%'),
                   ARRAY(SELECT a.pid FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY (?))""";

    private static final String WRITABLE =
            "SELECT pg_catalog.current_setting('transaction_read_only') = 'on', pg_postmaster_start_time()::text";

    /** Where nobody but this role cannot write: its name. */
    private static final String READ_ONLY_ROLE = """
            SELECT session_user::text FROM pg_catalog.pg_settings s
             WHERE s.name = 'default_transaction_read_only' AND s.source IN ('user', 'database user')
               AND NOT pg_catalog.pg_is_in_recovery()""";

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

    private final Database database;
    private final ListenState listenState;
    private final Threads threads;
    private final ConnectionSource source;
    private final int millis;
    private final long tickMillis;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ticking = new AtomicBoolean();
    private final AtomicBoolean asking = new AtomicBoolean();
    private final AtomicInteger losses = new AtomicInteger();
    /** Connections from before the host had gone, in whosever hands. */
    private final Set<PGConnection> orphans =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile @Nullable String home;
    /** When the server was started that answered last, and the one that has gone. */
    private volatile @Nullable String server;

    private volatile @Nullable String lostServer;
    private int idleTicks;
    private int askedTicks;

    /**
     * Watches for an engine.
     *
     * @param source where another connection comes from
     * @param hostTimeout how long a server may be silent that has nothing to wait for; zero: for ever
     */
    public Silence(
            Database database,
            ListenState listenState,
            Threads threads,
            ConnectionSource source,
            Duration hostTimeout) {
        this.database = database;
        this.listenState = listenState;
        this.threads = threads;
        this.source = source;
        this.millis = Math.toIntExact(hostTimeout.toMillis());
        this.tickMillis = Math.max(1, millis / TICKS);
    }

    /** From now on the engine's statements on this connection are watched. */
    public void watch(Connection connection) throws SQLException {
        if (millis > 0) {
            PGConnection driver = connection.unwrap(PGConnection.class);
            Watched known = WATCHED.get(driver);
            if (home == null && driver instanceof Connection made) {
                home = hosts(made);
            }
            if (known == null || known.silence() != this) {
                WATCHED.put(driver, new Watched(this, losses.get()));
            }
        }
    }

    /**
     * As {@link #watch}, for a connection of the application's. One that was made for other hosts may have a pooler in between,
     * where the number of its backend tells nothing.
     */
    public void watchJoined(Connection connection) throws SQLException {
        if (millis > 0 && connection.unwrap(PGConnection.class) instanceof Connection driver) {
            if (!WATCHED.containsKey((PGConnection) driver) && hosts(driver).equals(home)) {
                watch(connection);
            }
        }
    }

    private static String hosts(Connection driver) throws SQLException {
        return String.valueOf(driver.getMetaData().getURL()).replaceFirst("\\?.*", "");
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
            threads.schedule(this::tick, tickMillis);
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
        if (database.isDown()) {
            calls.stream().filter(call -> call.outdated && call.isSuspect()).forEach(this::abort);
        }
        if (asking.get()) {
            if (++askedTicks > TICKS) {
                askedTicks = 0;
                threads.workers()
                        .execute(() ->
                                hostIsGone(new SQLException("The host of the database does not answer", "08006")));
            }
        } else if (!listenState.isListening() && calls.stream().anyMatch(Call::isSuspect)) {
            askedTicks = 0;
            asking.set(true);
            threads.workers().execute(this::askElsewhere);
        }
        threads.schedule(this::tick, tickMillis);
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

    /** Asks whether the server works for those who wait, and aborts the others; and those whose host has gone. */
    public void ask(Connection connection) throws SQLException {
        List<Call> suspects = calls.stream().filter(Call::isSuspect).toList();
        List<PGConnection> left = orphans();
        if (suspects.isEmpty() && left.isEmpty()) {
            return;
        }
        Integer[] pids = Stream.concat(suspects.stream().map(call -> call.connection), left.stream())
                .map(PGConnection::getBackendPID)
                .toArray(Integer[]::new);
        Set<Integer> working = new HashSet<>();
        Set<Integer> present = new HashSet<>();
        int[] me = new int[1];
        runPromptly(connection, new Pipeline().query(ASK, p -> p.integers(pids).integers(pids), rows -> {
                    rows.next();
                    me[0] = rows.getInt(1);
                    working.addAll(List.of((Integer[]) rows.getArray(2).getArray()));
                    present.addAll(List.of((Integer[]) rows.getArray(3).getArray()));
                }));
        PGConnection asked = connection.unwrap(PGConnection.class);
        if (me[0] != asked.getBackendPID()) {
            return; // a pooler is in between: numbers tell nothing, and it answers
        }
        suspects.stream()
                .filter(call -> !call.isWorkedOn(working) && ++call.doubts >= ENOUGH_DOUBTS)
                .forEach(this::abort);
        boolean another = lostServer != null && !lostServer.equals(server);
        left.stream()
                .filter(orphan -> another
                        || !present.contains(orphan.getBackendPID())
                        || !address(orphan).equals(address(asked)))
                .forEach(this::abort);
        if (looks.incrementAndGet() > ENOUGH_LOOKS) {
            orphans.clear();
        }
    }

    private List<PGConnection> orphans() {
        synchronized (orphans) {
            orphans.removeIf(Silence::isClosed);
            return List.copyOf(orphans);
        }
    }

    private static boolean isClosed(PGConnection connection) {
        try {
            return !(connection instanceof Connection driver) || driver.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    private static String address(PGConnection connection) {
        return connection instanceof BaseConnection driver
                ? driver.getQueryExecutor().getHostSpec().toString()
                : "";
    }

    /** Fails when the server cannot be written to, or does not answer in time. */
    public void requireWritable(Connection connection) throws SQLException {
        boolean[] readOnly = new boolean[1];
        runPromptly(connection, new Pipeline().query(WRITABLE, p -> {}, rows -> {
                    rows.next();
                    readOnly[0] = rows.getBoolean(1);
                    server = rows.getString(2);
                }));
        attempts.set(0);
        if (readOnly[0]) {
            String[] role = new String[1];
            runPromptly(
                    connection,
                    new Pipeline()
                            .query(READ_ONLY_ROLE, p -> {}, rows -> role[0] = rows.next() ? rows.getString(1) : null));
            Failures.abort(connection.unwrap(PGConnection.class));
            if (role[0] != null) {
                throw new ReadOnlyRoleException(role[0]);
            }
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
        int now = losses.incrementAndGet();
        lostServer = server;
        looks.set(0);
        WATCHED.forEach((connection, watched) -> {
            if (watched.silence() == this && watched.losses() < now) {
                orphans.add(connection);
            }
        });
        database.statementFailed(e, true);
        source.hostIsGone();
        calls.stream().filter(Call::isSuspect).forEach(this::abort);
    }

    /** Another connection could not be had. */
    public void unreachable(Exception e) {
        if (isSilence(e) && attempts.incrementAndGet() >= ENOUGH_ATTEMPTS) {
            orphans().forEach(this::abort);
        }
    }

    private static boolean isSilence(@Nullable Throwable e) {
        return e != null && (e instanceof SocketTimeoutException || isSilence(e.getCause()));
    }

    private void abort(Call call) {
        if (calls.contains(call)) {
            abort(call.connection);
        }
    }

    private void abort(PGConnection connection) {
        LOG.debug("Aborting {}, which nobody answers", connection);
        threads.workers().execute(() -> Failures.abort(connection));
    }

    /** Nobody waits any longer. */
    @Override
    public void close() {
        calls.forEach(call -> Failures.abort(call.connection));
    }
}
