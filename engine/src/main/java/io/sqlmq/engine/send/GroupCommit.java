package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.NewMessage;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends outside of transactions. Threads that send at the same time share INSERTs and COMMITs: while flushes are on their
 * way the next one collects ({@link GroupCommitPolicy}); who sends many at once shares with nobody. The first after a pause goes at once, on its caller's thread; then the first
 * caller of those who wait flushes for all of them. Asynchronous sends are flushed by an engine thread if no caller does, one flush at a
 * time, so that they are written in their order.
 */
public final class GroupCommit {

    private static final int FLUSH_MESSAGES = 1000;
    /** So many of one call are worth a COMMIT, and are written while others are. */
    private static final int OWN_FLUSH_MESSAGES = 50;

    private static final long FLUSH_BYTES = 8L << 20;

    private final Threads threads;
    private final BatchWriter writer;
    private final EngineListeners listeners;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<PendingSend> queue = new ArrayDeque<>();
    private final GroupCommitPolicy pace = new GroupCommitPolicy();
    private boolean flushingAsync;

    public GroupCommit(Threads threads, BatchWriter writer, EngineListeners listeners) {
        this.threads = threads;
        this.writer = writer;
        this.listeners = listeners;
    }

    public void send(List<NewMessage> messages) throws SQLException {
        PendingSend mine = new PendingSend(messages, null);
        if (messages.size() >= OWN_FLUSH_MESSAGES) {
            flush(List.of(mine));
        } else {
            share(mine);
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
    }

    private void share(PendingSend mine) {
        List<PendingSend> batch = enqueue(mine);
        while (batch == null && !mine.done) {
            mine.await();
            batch = mine.turn != null || mine.done ? mine.turn : askForTurn(mine);
        }
        if (batch != null && !mine.done) {
            flushAndPassOn(batch);
        }
    }

    public CompletableFuture<Void> sendAsync(List<NewMessage> messages) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        List<PendingSend> batch = enqueue(new PendingSend(messages, future));
        if (batch != null) {
            threads.workers().execute(() -> flushAndPassOn(batch));
        }
        return future;
    }

    /** Queues a call; returns what its caller has to flush if there is room for a flush. */
    private @Nullable List<PendingSend> enqueue(PendingSend pending) {
        lock.lock();
        try {
            queue.add(pending);
            return nextBatch();
        } finally {
            lock.unlock();
        }
    }

    /** The alarm of a waiting call has gone off: no more are waited for. */
    private @Nullable List<PendingSend> askForTurn(PendingSend waiting) {
        lock.lock();
        try {
            waiting.alarm = 0;
            return waiting.turn != null || waiting.done ? waiting.turn : nextBatch();
        } finally {
            lock.unlock();
        }
    }

    /** Takes what the next flush writes, or null when there is nothing or no room. Call with the lock held. */
    private @Nullable List<PendingSend> nextBatch() {
        PendingSend first = queue.peek();
        if (first == null || !pace.mayFlush(queue.size())) {
            return null;
        }
        long until = first.isAsync() ? 0 : pace.gathersUntil(queue.size(), System.nanoTime());
        if (until != 0) {
            if (first.alarm == 0) {
                first.alarm = until;
                LockSupport.unpark(first.caller);
            }
            return null;
        }
        List<PendingSend> batch = new ArrayList<>();
        boolean async = false;
        int messages = 0;
        long bytes = 0;
        for (Iterator<PendingSend> each = queue.iterator(); each.hasNext(); ) {
            PendingSend next = each.next();
            if (next.isAsync() && flushingAsync) {
                continue;
            }
            boolean full = messages + next.messages.size() > FLUSH_MESSAGES || bytes + next.bytes > FLUSH_BYTES;
            if (full && !batch.isEmpty()) {
                break;
            }
            each.remove();
            batch.add(next);
            async |= next.isAsync();
            messages += next.messages.size();
            bytes += next.bytes;
        }
        if (batch.isEmpty()) {
            return null;
        }
        pace.begins(batch.size());
        flushingAsync |= async;
        return batch;
    }

    private void flushAndPassOn(List<PendingSend> batch) {
        long start = System.nanoTime();
        try {
            flush(batch);
        } finally {
            passOn(batch, start);
            batch.forEach(GroupCommit::complete);
        }
    }

    private void flush(List<PendingSend> batch) {
        if (listeners.any()) {
            listeners.flushed(batch.stream().mapToInt(p -> p.messages.size()).sum());
        }
        writer.write(batch);
    }

    /** Gives the turn to one of those who wait, or to an engine thread if only asynchronous sends wait. */
    private void passOn(List<PendingSend> flushed, long start) {
        List<PendingSend> next;
        lock.lock();
        try {
            long now = System.nanoTime();
            long bytes = flushed.stream().mapToLong(p -> p.bytes).sum();
            pace.ends(flushed.size(), bytes, now - start, queue.size(), now);
            if (flushed.stream().anyMatch(PendingSend::isAsync)) {
                flushingAsync = false;
            }
            next = nextBatch();
        } finally {
            lock.unlock();
        }
        if (next == null) {
            return;
        }
        List<PendingSend> batch = next;
        PendingSend leader =
                batch.stream().filter(p -> !p.isAsync()).findFirst().orElse(null);
        if (leader == null) {
            threads.workers().execute(() -> flushAndPassOn(batch));
        } else {
            leader.turn = batch;
            LockSupport.unpark(leader.caller);
        }
    }

    private static void complete(PendingSend pending) {
        pending.done = true;
        CompletableFuture<Void> future = pending.future;
        if (future == null) {
            LockSupport.unpark(pending.caller);
        } else if (pending.failure == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(pending.failure);
        }
    }
}
