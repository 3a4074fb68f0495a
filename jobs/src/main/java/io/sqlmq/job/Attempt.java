package io.sqlmq.job;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.LeaseLostException;
import io.sqlmq.engine.model.Millis;
import io.sqlmq.engine.window.Window;
import io.sqlmq.jms.MessageTracer;
import io.sqlmq.jms.TransactionBinding.Status;
import io.sqlmq.jms.access.EngineAccess.CurrentTransaction;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at a job: how it is begun, what its handler says about it, and how it ends. */
final class Attempt {
    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    /** Kept with the job for whoever finds it among the dead letters. */
    private static final String NOT_COMMITTED = "the transaction in which the job was completed was not committed";

    private final JobRunner runner;
    private final Window window;
    private final Delivery delivery;
    private final Interruption interruption;
    private final CurrentJob job;
    private boolean done;
    private boolean completedInTransaction;
    private @Nullable Connection completedOn;
    /** Tells how that ended, if its owner tells. */
    private volatile @Nullable Status ended;
    /** Whether the handler asked for something that needs a lease. */
    private boolean leased;
    /** Those of its checkpoints, committed or not. */
    private long extraRetries;

    Attempt(JobRunner runner, Window window, Delivery delivery, Interruption interruption) {
        this.runner = runner;
        this.window = window;
        this.delivery = delivery;
        this.interruption = interruption;
        this.job = new CurrentJob(this, delivery.row());
        delivery.keepMillis = runner.keepMillis();
    }

    Jobs jobs() {
        return runner.jobs();
    }

    JobRegistry registry() {
        return runner.registry();
    }

    boolean isStopping() {
        return runner.isStopping();
    }

    /** Does the job, and tells the database how that went. */
    void run() {
        String name = job.name();
        JobHandler handler = registry().handler(name);
        if (handler == null) {
            failed(new UnknownJobException(name, job.channel()));
            return;
        }
        Pace pace = runner.pace(name);
        if (pace.isLong() && !window.lease(delivery)) {
            drop();
            return;
        }
        Throwable thrown = null;
        MessageTracer.Processing surrounding = jobs().access().process(delivery.row());
        long began = System.nanoTime();
        interruption.begin();
        try {
            handler.run(job);
        } catch (Throwable e) { // also an Error: the job failed, and the runner goes on
            thrown = e;
        }
        handled(pace, began);
        if (surrounding != null) {
            surrounding.ended(thrown);
        }
        if (thrown == null) {
            succeeded();
        } else {
            failed(thrown);
        }
    }

    private void handled(Pace pace, long began) {
        pace.took(System.nanoTime() - began, leased);
        interruption.end();
    }

    private void succeeded() {
        if (done) {
            return;
        }
        try {
            if (completedInTransaction) {
                if (isCommitted()) {
                    window.acknowledgedElsewhere(delivery);
                } else {
                    failed(new JobException("Job " + job.id() + ": " + NOT_COMMITTED, null));
                }
            } else {
                window.acknowledge(delivery);
            }
            done = true;
        } catch (LeaseLostException e) {
            done = true;
            registry().failed(job, lost(e));
        } catch (SQLException e) {
            // What acknowledges is tried again by the engine.
            LOG.debug("The end of {} is written later", job, e);
        }
    }

    private boolean isCommitted() throws SQLException {
        Status known = ended;
        if (known == Status.COMMITTED || known == Status.ROLLED_BACK) {
            return known == Status.COMMITTED;
        }
        try {
            window.renew(delivery, 0); // waits for a transaction that is still open
            return false;
        } catch (LeaseLostException e) {
            return true;
        }
    }

    private void failed(Throwable failure) {
        if (!done) {
            done = true;
            try {
                boolean gone = completedInTransaction && isCommitted();
                if (gone) {
                    window.acknowledgedElsewhere(delivery);
                } else if (!runner.hasGivenUp()) { // or it fails because it was interrupted, and is given back
                    countRetries();
                    window.fail(delivery, ErrorText.of(failure));
                }
            } catch (SQLException e) {
                LOG.debug("That {} failed is noticed when its claim ends", job, e);
            }
        }
        registry().failed(job, failure);
    }

    /** Of what checkpoints have given it counts what was committed; all of it, should the database not say. */
    private void countRetries() {
        if (extraRetries == 0) {
            return;
        }
        String policy;
        try {
            policy = window.redeliveryPolicy(delivery);
        } catch (SQLException e) {
            LOG.debug("How many retries {} has is not known", job, e);
            policy = Retries.more(delivery.row().headers().redeliveryPolicy(), extraRetries);
        }
        if (policy != null) {
            delivery.rules = new MoreRetries(delivery.rules, policy);
        }
    }

    /** It is not ours any more, before it was begun. */
    private void drop() {
        try {
            window.fail(delivery, null);
        } catch (SQLException e) {
            LOG.debug("{} was lost before it was begun", job, e);
        }
    }

    // What the handler says

    void complete() {
        inTransaction(connection -> {
            if (connection != null) {
                completeIn(connection);
                return;
            }
            requireOpen();
            if (!window.handedOver().contains(delivery)) {
                throw new LeaseLostException("It was given back when its runner was stopped");
            }
            window.acknowledge(delivery);
            window.flush();
            done = true;
        });
    }

    void complete(Connection connection) {
        call(() -> completeIn(connection));
    }

    private void completeIn(Connection connection) throws SQLException {
        Connection before = completedOn;
        // Of a connection's transaction nobody tells the end. If it was rolled back, the job is there and can be
        // completed again.
        boolean again = completedInTransaction
                && ended == null
                && before != null
                && (before == connection || before.isClosed());
        if (again) {
            completedInTransaction = false;
        }
        try {
            lease();
            window.acknowledgeIn(connection, delivery);
        } catch (LeaseLostException e) {
            completedInTransaction |= again;
            requireOpen();
            throw e;
        }
        completedInTransaction = true;
        completedOn = connection;
        ended = null;
    }

    void checkpoint(Checkpoint checkpoint) {
        inTransaction(connection -> checkpointIn(connection, checkpoint));
    }

    void checkpoint(Connection connection, Checkpoint checkpoint) {
        call(() -> checkpointIn(connection, checkpoint));
    }

    private void checkpointIn(@Nullable Connection connection, Checkpoint checkpoint) throws SQLException {
        lease();
        window.checkpoint(
                connection,
                delivery,
                new io.sqlmq.engine.model.Checkpoint(
                        checkpoint.json(registry().mapper()), checkpoint.bytes(), checkpoint.extraRetries(), null));
        extraRetries += checkpoint.extraRetries();
    }

    void keepAlive(Duration duration) {
        call(() -> {
            lease();
            window.renew(delivery, Millis.ofWait(duration));
        });
    }

    /** Makes sure that the job is under a lease, so that other transactions can change its row. */
    private void lease() throws LeaseLostException {
        requireOpen();
        leased = true;
        if (!window.lease(delivery)) {
            throw new LeaseLostException("Its claim was lost with the connection to the database");
        }
    }

    private void requireOpen() {
        if (done || (completedInTransaction && ended != Status.ROLLED_BACK)) {
            throw new IllegalStateException(job + " has ended: it is complete, or failed");
        }
    }

    /** What may be done in a transaction or, with null, outside of one. */
    private interface Action {
        void run(@Nullable Connection connection) throws SQLException;
    }

    /** In the transaction of the application that the thread is in, or null. */
    private void inTransaction(Action action) {
        try (CurrentTransaction current = jobs().access().transaction()) {
            call(() -> action.run(current == null ? null : current.connection()));
            if (current != null && completedInTransaction) {
                current.afterCompletion(status -> ended = status);
            }
        } catch (JMSException e) {
            throw Jobs.failure("Looking for the transaction of the application", e);
        }
    }

    private void call(Interruption.Work statement) {
        try {
            interruption.shield(statement);
        } catch (LeaseLostException e) {
            throw lost(e);
        } catch (SQLException e) {
            throw new JobException(job + ": " + e.getMessage(), e);
        }
    }

    private LostJobException lost(LeaseLostException e) {
        return new LostJobException(job + " is not this handler's any more. " + e.getMessage(), e);
    }
}
