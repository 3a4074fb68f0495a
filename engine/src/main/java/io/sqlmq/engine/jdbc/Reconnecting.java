package io.sqlmq.engine.jdbc;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.Engine.OutageListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Sees to the end of an outage: probes until the database answers, and tells who listens when that takes long. */
public final class Reconnecting {

    /** What is over by then is a lost connection, not a database that cannot be reached. */
    private static final long TELLING_MILLIS = 1_000;

    private final Engine engine;
    private final ConnectionSource source;
    private final Housekeeping housekeeping;
    private final Outage outage;
    private final List<OutageListener> listeners = new CopyOnWriteArrayList<>();

    private final OutageLog log;

    /**
     * Sees to the outages of an engine.
     *
     * @param source where connections come from, also while the database is away
     */
    public Reconnecting(Engine engine, ConnectionSource source, Housekeeping housekeeping, Outage outage) {
        this.engine = engine;
        this.source = source;
        this.housekeeping = housekeeping;
        this.outage = outage;
        this.log = new OutageLog(engine.log());
    }

    public void add(OutageListener listener) {
        listeners.add(listener);
    }

    public void remove(OutageListener listener) {
        listeners.remove(listener);
    }

    /** A connection broke. */
    public void lost(SQLException e) {
        if (outage.begins(e)) {
            log.begins(e);
            engine.threads().schedule(this::probe, 0);
            engine.threads().schedule(() -> engine.threads().workers().execute(() -> log.lasts(e)), TELLING_MILLIS);
            if (engine.options().reconnectGrace().isZero()) {
                report(e);
            } else {
                engine.threads()
                        .schedule(
                                () -> {
                                    if (outage.isDown()) {
                                        report(e);
                                    }
                                },
                                engine.options().reconnectGrace().toMillis());
            }
        }
    }

    private void report(SQLException e) {
        engine.threads().workers().execute(() -> listeners.forEach(listener -> listener.outage(e)));
    }

    private void probe() {
        engine.threads().workers().execute(() -> {
            try {
                Connection connection = source.openForProbe();
                try {
                    engine.silence().requireWritable(connection);
                    engine.silence().ask(connection);
                    reconcile(connection);
                } finally {
                    Failures.close(connection);
                }
                if (!log.answers() || !engine.isListening()) {
                    source.reconnected();
                    housekeeping.reconnected();
                } // else one connection was lost, and the others are as good as the one that listens
                engine.grace().begins();
                outage.ends();
                engine.repair().soon();
                engine.wakeups().signalAll();
            } catch (SQLException | RuntimeException e) {
                if (log.failed(e) && e instanceof SQLException failure && Failures.isUnreachable(failure)) {
                    source.hostIsGone(); // or the next probe, too, is given a connection from before
                }
                engine.silence().unreachable(e);
                engine.threads().schedule(this::probe, Outage.PROBE_MILLIS);
            }
        });
    }

    /** This process takes back what it works on before it claims anything. */
    private void reconcile(Connection connection) throws SQLException {
        try {
            engine.leases().reconcile(connection);
        } catch (SQLException e) {
            if (Failures.isBroken(e, connection)) {
                throw e;
            }
            engine.log().debug("Leases are renewed a little later", e);
            engine.maintenance().renewLeases();
        }
    }
}
