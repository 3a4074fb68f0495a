package io.sqlmq.jms.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** What all connections of one factory share. Thread-safe. */
public final class FactoryResources implements AutoCloseable {
    private final ClientIds clientIds = new ClientIds();
    private final TemporaryDestinations temporaryDestinations = new TemporaryDestinations();
    private final CurrentSession currentSession = new CurrentSession();
    private final AtomicInteger threads = new AtomicInteger();
    // Threads exist while listeners run; daemons, because a listener must not keep the JVM from ending.
    private final ExecutorService executor = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "sqlmq-listener-" + threads.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    });

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

    /** Lets the threads go. Close the connections first. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
