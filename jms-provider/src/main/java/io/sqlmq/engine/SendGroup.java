package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends outside of transactions. Threads that send at the same time share one INSERT and one COMMIT: while one flush is
 * on its way the next collects. The first after a pause goes at once, on its caller's thread; asynchronous sends are
 * flushed by an engine thread. First come, first written.
 */
final class SendGroup {

    private static final int FLUSH_MESSAGES = 1000;
    private static final long FLUSH_BYTES = 8L << 20;

    /** One call of send. */
    private static final class Pending {
        private List<NewMessage> messages;
        private final @Nullable CompletableFuture<Void> future;
        private boolean done;
        private @Nullable SQLException failure;

        Pending(List<NewMessage> messages, @Nullable CompletableFuture<Void> future) {
            this.messages = messages;
            this.future = future;
        }

        long bytes() {
            return messages.stream().mapToLong(m -> m.content().size()).sum();
        }
    }

    private final Engine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progress = lock.newCondition();
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    private boolean flushing;

    SendGroup(Engine engine) {
        this.engine = engine;
    }

    void send(List<NewMessage> messages) throws SQLException {
        Pending mine = new Pending(messages, null);
        List<Pending> batch = null;
        lock.lock();
        try {
            queue.add(mine);
            while (!mine.done) {
                if (!flushing) {
                    flushing = true;
                    batch = nextBatch();
                    break;
                }
                progress.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        while (batch != null) {
            flush(batch);
            batch = flushed(batch, mine);
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
    }

    CompletableFuture<Void> sendAsync(List<NewMessage> messages) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        lock.lock();
        try {
            queue.add(new Pending(messages, future));
            if (flushing) {
                return future;
            }
            flushing = true;
        } finally {
            lock.unlock();
        }
        engine.workers().execute(this::flushAll);
        return future;
    }

    /** Flushes until nothing waits: for asynchronous sends, which have no thread of their own. */
    private void flushAll() {
        List<Pending> batch;
        lock.lock();
        try {
            batch = nextBatch();
        } finally {
            lock.unlock();
        }
        while (batch != null) {
            flush(batch);
            batch = flushed(batch, null);
        }
    }

    private List<Pending> nextBatch() {
        List<Pending> batch = new ArrayList<>();
        int messages = 0;
        long bytes = 0;
        while (!queue.isEmpty()) {
            Pending next = queue.peek();
            if (!batch.isEmpty()
                    && (messages + next.messages.size() > FLUSH_MESSAGES || bytes + next.bytes() > FLUSH_BYTES)) {
                break;
            }
            batch.add(queue.remove());
            messages += next.messages.size();
            bytes += next.bytes();
        }
        return batch;
    }

    /**
     * Completes a batch and passes the turn on. A caller whose own messages are written leaves; the next waiting caller
     * flushes, or an engine thread if only asynchronous sends wait.
     *
     * @param mine the flushing caller's own, or null for an engine thread
     * @return what this thread has to flush next, or null
     */
    private @Nullable List<Pending> flushed(List<Pending> batch, @Nullable Pending mine) {
        boolean handToWorker = false;
        List<Pending> next = null;
        lock.lock();
        try {
            batch.forEach(pending -> pending.done = true);
            if (queue.isEmpty()) {
                flushing = false;
            } else if (mine == null || !mine.done) {
                next = nextBatch();
            } else if (queue.stream().anyMatch(pending -> pending.future == null)) {
                flushing = false; // one of the callers that wake up now takes the turn
            } else {
                handToWorker = true;
            }
            progress.signalAll();
        } finally {
            lock.unlock();
        }
        for (Pending pending : batch) {
            CompletableFuture<Void> future = pending.future;
            if (future != null) {
                if (pending.failure == null) {
                    future.complete(null);
                } else {
                    future.completeExceptionally(pending.failure);
                }
            }
        }
        if (handToWorker) {
            engine.workers().execute(this::flushAll);
        }
        return next;
    }

    private void flush(List<Pending> batch) {
        List<Pending> rest = batch;
        for (int round = 0; !rest.isEmpty(); round++) {
            if (round > 0) {
                lookAgain(rest, round);
            }
            flushOnce(rest.stream().filter(p -> p.failure == null).toList());
            rest = rest.stream()
                    .filter(p -> p.failure == null && !p.messages.isEmpty())
                    .toList();
        }
    }

    private void lookAgain(List<Pending> unwritten, int round) {
        List<NewMessage> messages = new ArrayList<>();
        unwritten.forEach(pending -> messages.addAll(pending.messages));
        try {
            engine.runAlone(engine.topics().look(messages, round));
        } catch (SQLException e) {
            unwritten.forEach(pending -> pending.failure = e);
        }
    }

    /** Leaves in the batch what has to be written again. */
    private void flushOnce(List<Pending> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<NewMessage> messages = new ArrayList<>();
        batch.forEach(pending -> messages.addAll(pending.messages));
        try {
            List<NewMessage> rest = write(messages);
            batch.forEach(pending -> pending.messages = common(pending.messages, rest));
        } catch (OutcomeUnknownException e) {
            batch.forEach(pending -> pending.failure = e);
        } catch (SQLException e) {
            if (batch.size() == 1) {
                batch.get(0).failure = e;
                return;
            }
            // One bad row fails only its sender.
            for (Pending pending : batch) {
                try {
                    pending.messages = write(pending.messages);
                } catch (SQLException own) {
                    pending.failure = own;
                }
            }
        }
    }

    private static List<NewMessage> common(List<NewMessage> messages, List<NewMessage> rest) {
        return rest.isEmpty()
                ? List.of()
                : messages.stream()
                        .filter(m -> rest.stream().anyMatch(r -> r.id().equals(m.id())))
                        .toList();
    }

    /** Returns what was not written, see {@link Writing#unwritten}. */
    private List<NewMessage> write(List<NewMessage> messages) throws SQLException {
        Connection connection = engine.connections().takeForSend();
        Writing writing = new Writing(engine, messages);
        try {
            Pipeline body = new Pipeline();
            Pipeline pipeline = new Pipeline();
            boolean relaxed = writing.isUnlogged();
            if (writing.add(body, null) == 1 && !relaxed) {
                pipeline = body;
            } else {
                pipeline.add(Sql.BEGIN);
                if (relaxed) {
                    pipeline.add(Sql.RELAXED_COMMIT);
                }
                writing.add(pipeline, null);
                pipeline.add(Sql.COMMIT);
            }
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            engine.statementFailed(e, broken);
            if (!broken) {
                throw e;
            }
            if (!engine.outcomes().isCommitted(null, writing.perhapsWritten(), e)) {
                throw e;
            }
            engine.committed(writing.perhapsWritten());
            return List.of();
        }
        Failures.close(connection);
        engine.committed(writing.written());
        return writing.unwritten();
    }
}
