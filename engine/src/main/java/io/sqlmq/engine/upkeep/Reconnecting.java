package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.LeaseExtension;
import io.sqlmq.engine.claim.PendingAcks;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Outage;
import io.sqlmq.engine.jdbc.ReadOnlyRoleException;
import io.sqlmq.engine.jdbc.Silence;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.OutageListener;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to the end of an outage: probes until the database answers, and tells who listens when that takes long. */
public final class Reconnecting {

    private static final Logger LOG = LoggerFactory.getLogger(Reconnecting.class);

    /** What is over by then is a lost connection, not a database that cannot be reached. */
    private static final long TELLING_MILLIS = 1_000;

    private final ConnectionSource source;
    private final HousekeepingConnection housekeeping;
    private final Outage outage;
    private final Duration reconnectGrace;
    private final Threads threads;
    private final Silence silence;
    private final ListenState listenState;
    private final Grace grace;
    private final LeaseExtension leases;
    private final LeaseRenewal renewal;
    private final PendingAcks pendingAcks;
    private final Wakeups wakeups;
    private final EngineListeners hearing;
    private volatile long since;
    private final List<OutageListener> listeners = new CopyOnWriteArrayList<>();

    private final OutageLog log;

    /**
     * Sees to the outages of an engine.
     *
     * @param source where connections come from, also while the database is away
     * @param reconnectGrace who listens is told of outages that last longer
     * @param log where they are told
     */
    public Reconnecting(
            ConnectionSource source,
            Outage outage,
            Duration reconnectGrace,
            Logger log,
            HousekeepingConnection housekeeping,
            Threads threads,
            Silence silence,
            ListenState listenState,
            Grace grace,
            LeaseExtension leases,
            LeaseRenewal renewal,
            PendingAcks pendingAcks,
            Wakeups wakeups,
            EngineListeners hearing) {
        this.source = source;
        this.outage = outage;
        this.reconnectGrace = reconnectGrace;
        this.log = new OutageLog(log);
        this.housekeeping = housekeeping;
        this.threads = threads;
        this.silence = silence;
        this.listenState = listenState;
        this.grace = grace;
        this.leases = leases;
        this.renewal = renewal;
        this.pendingAcks = pendingAcks;
        this.wakeups = wakeups;
        this.hearing = hearing;
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
            since = System.nanoTime();
            log.begins(e);
            hearing.outageBegan(e);
            threads.schedule(this::probe, 0);
            threads.schedule(() -> threads.workers().execute(() -> log.lasts(e)), TELLING_MILLIS);
            if (reconnectGrace.isZero()) {
                report(e);
            } else {
                threads.schedule(
                        () -> {
                            if (outage.isDown()) {
                                report(e);
                            }
                        },
                        reconnectGrace.toMillis());
            }
        }
    }

    private void report(SQLException e) {
        threads.workers().execute(() -> listeners.forEach(listener -> listener.outage(e)));
    }

    private void probe() {
        threads.workers().execute(() -> {
            try {
                Connection connection = source.openForProbe();
                try {
                    silence.requireWritable(connection);
                    silence.ask(connection);
                    reconcile(connection);
                } finally {
                    Failures.close(connection);
                }
                if (!log.answers() || !listenState.isListening()) {
                    source.reconnected();
                    housekeeping.reconnected();
                } // else one connection was lost, and the others are as good as the one that listens
                grace.begins();
                outage.ends();
                hearing.outageEnded(System.nanoTime() - since);
                pendingAcks.soon();
                wakeups.signalAll();
            } catch (SQLException | RuntimeException e) {
                if (log.failed(e) && e instanceof SQLException failure && Failures.isUnreachable(failure)) {
                    source.hostIsGone(); // or the next probe, too, is given a connection from before
                }
                silence.unreachable(e);
                if (e instanceof ReadOnlyRoleException refused) {
                    outage.isLasting(refused);
                }
                threads.schedule(this::probe, Outage.PROBE_MILLIS);
            }
        });
    }

    /** This process takes back what it works on before it claims anything. */
    private void reconcile(Connection connection) throws SQLException {
        try {
            leases.reconcile(connection);
        } catch (SQLException e) {
            if (Failures.isBroken(e, connection)) {
                throw e;
            }
            LOG.debug("Leases are renewed a little later", e);
            renewal.start();
        }
    }
}
