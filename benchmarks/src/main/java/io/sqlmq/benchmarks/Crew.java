package io.sqlmq.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Workers that share the messages of a round, each on a thread of its own. */
final class Crew implements Side {

    private final List<Worker> workers = new ArrayList<>();
    private final ExecutorService threads;

    private Crew(int size) {
        threads = Executors.newFixedThreadPool(size);
    }

    /** Opens {@code size} workers. */
    static Crew of(int size, Worker.Source source) throws Exception {
        Crew crew = new Crew(size);
        try {
            for (int i = 0; i < size; i++) {
                crew.workers.add(source.open());
            }
        } catch (Exception e) {
            crew.close();
            throw e;
        }
        return crew;
    }

    @Override
    public void run(int messages) throws Exception {
        if (messages % workers.size() != 0) {
            throw new IllegalArgumentException(messages + " messages are not a multiple of " + workers.size());
        }
        List<Future<?>> shares = new ArrayList<>();
        for (Worker worker : workers) {
            shares.add(threads.submit(() -> {
                worker.move(messages / workers.size());
                return null;
            }));
        }
        for (Future<?> share : shares) {
            try {
                share.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("A worker failed", e.getCause());
            }
        }
    }

    @Override
    public void close() throws Exception {
        threads.shutdownNow();
        for (Worker worker : workers) {
            worker.close();
        }
    }
}
