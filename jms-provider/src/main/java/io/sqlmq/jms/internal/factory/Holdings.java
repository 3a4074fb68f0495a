package io.sqlmq.jms.internal.factory;

import io.sqlmq.jms.internal.pool.DataSources;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engines and pools of a connection factory. When nobody can reach the factory any more, nor any of its connections, they are
 * closed; a connection with listeners is reached by the threads that serve it. Thread-safe.
 */
public final class Holdings implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Holdings.class);
    private static final Cleaner CLEANER = Cleaner.create();

    /** Nobody needs so many; most of them are garbage, which the collector has no other reason to look for. */
    private static final int MANY = 10;

    private static final AtomicInteger OPEN = new AtomicInteger();
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private final Engines engines;
    private final DataSources dataSources;
    private final Runnable first;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Begins to look after what a factory uses.
     *
     * @param owner what the factory and its connections refer to, but not the engines
     * @param first what is done before they are closed
     */
    public Holdings(Engines engines, DataSources dataSources, FactoryResources owner, Runnable first) {
        this.first = first;
        this.engines = engines;
        this.dataSources = dataSources;
        CLEANER.register(owner, this::abandoned);
        if (OPEN.incrementAndGet() % MANY == 0) {
            System.gc();
        }
    }

    private void abandoned() {
        if (closed.get()) {
            return;
        }
        if (WARNED.compareAndSet(false, true)) {
            log.warn(
                    "A connection factory was dropped without close(); its database connections are closed now. Make one "
                            + "factory for the application, not one for each message, and close it. This is said once");
        }
        Thread thread = new Thread(this::close, "sqlmq-abandoned"); // it waits for what is on its way
        thread.setDaemon(true);
        thread.start();
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            OPEN.decrementAndGet();
            first.run();
            engines.close();
            dataSources.close();
        }
    }
}
