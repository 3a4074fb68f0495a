package io.sqlmq.jms.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** What all connections of one factory share. Thread-safe. */
public final class FactoryResources {
    private final ClientIds clientIds = new ClientIds();
    private final TemporaryDestinations temporaryDestinations = new TemporaryDestinations();
    private final CurrentSession currentSession = new CurrentSession();
    private final AtomicInteger threads = new AtomicInteger();
    // Never shut down, so that no callback is ever refused: idle threads end by themselves, and daemons do not keep the
    // JVM from ending.
    private final Executor executor = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), this::newThread);

    private Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "sqlmq-listener-" + threads.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    ClientIds clientIds() {
        return clientIds;
    }

    TemporaryDestinations temporaryDestinations() {
        return temporaryDestinations;
    }

    CurrentSession currentSession() {
        return currentSession;
    }

    Executor executor() {
        return executor;
    }

    /** The connections of the transacted sessions of this factory: see {@link TransactionDataSource}. */
    public DataSource transactionDataSource() {
        return new TransactionDataSource(currentSession);
    }
}
