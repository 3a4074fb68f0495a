package io.sqlmq.engine.send;

import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NotWrittenException;
import io.sqlmq.engine.model.OutcomeUnknownException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
 * way the next one collects ({@link GroupCommitPolicy}). The first after a pause goes at once, on its caller's thread; then the first
 * caller of those who wait flushes for all of them. Asynchronous sends are flushed by an engine thread if no caller does, one flush at a
 * time, so that they are written in their order.
 */
public final class GroupCommit {

    private static final int FLUSH_MESSAGES = 1000;
    private static final long FLUSH_BYTES = 8L << 20;
    private static final int UNDIVIDED = 16;
    private static final long PATIENCE_NANOS = 50_000_000;

    /** One call of send. */
    private static final class Pending {
        private List<NewMessage> messages;
        private final @Nullable CompletableFuture<Void> future;
        private final Thread caller = Thread.currentThread();
        private final long bytes;
        /** To a topic and to others: where the topic's subscriptions have changed, nothing may be written yet. */
        private final boolean whole;

        private @Nullable SQLException failure;
        /** What the caller has to flush, its own among it. */
        private volatile @Nullable List<Pending> turn;

        private volatile boolean done;

        /** When to ask for a turn if nobody gives one before ({@link System#nanoTime}), or 0: never. */
        private volatile long alarm;

        Pending(List<NewMessage> messages, @Nullable CompletableFuture<Void> future) {
            this.messages = messages;
            this.future = future;
            this.whole = messages.size() > 1 && messages.stream().anyMatch(m -> m.publication() != null);
            this.bytes = messages.stream().mapToLong(m -> m.content().size()).sum();
        }

        boolean isAsync() {
            return future != null;
        }

        /** Returns when it is done or has a turn, or when the alarm goes off. */
        void await() {
            boolean interrupted = false;
            while (!done && turn == null) {
                long until = alarm;
                if (until == 0) {
                    LockSupport.park(this);
                } else {
                    long left = until - System.nanoTime();
                    if (left <= 0) {
                        break;
                    }
                    LockSupport.parkNanos(this, left);
                }
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                caller.interrupt();
            }
        }
    }

    private final Database database;
    private final Threads threads;
    private final Duration patience;
    private final Topics topics;
    private final MessageWriter writer;
    private final CommitOutcomeResolver commitOutcomes;
    private final Wakeups wakeups;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    private final GroupCommitPolicy pace = new GroupCommitPolicy();
    private boolean flushingAsync;

    public GroupCommit(
            Database database,
            Threads threads,
            Duration patience,
            Topics topics,
            MessageWriter writer,
            CommitOutcomeResolver commitOutcomes,
            Wakeups wakeups) {
        this.database = database;
        this.threads = threads;
        this.patience = patience;
        this.topics = topics;
        this.writer = writer;
        this.commitOutcomes = commitOutcomes;
        this.wakeups = wakeups;
    }

    public void send(List<NewMessage> messages) throws SQLException {
        Pending mine = new Pending(messages, null);
        List<Pending> batch = enqueue(mine);
        while (batch == null && !mine.done) {
            mine.await();
            batch = mine.turn != null || mine.done ? mine.turn : askForTurn(mine);
        }
        if (batch != null && !mine.done) {
            flushAndPassOn(batch);
        }
        if (mine.failure != null) {
            throw mine.failure;
        }
    }

    public CompletableFuture<Void> sendAsync(List<NewMessage> messages) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        List<Pending> batch = enqueue(new Pending(messages, future));
        if (batch != null) {
            threads.workers().execute(() -> flushAndPassOn(batch));
        }
        return future;
    }

    /** Queues a call; returns what its caller has to flush if there is room for a flush. */
    private @Nullable List<Pending> enqueue(Pending pending) {
        lock.lock();
        try {
            queue.add(pending);
            return nextBatch();
        } finally {
            lock.unlock();
        }
    }

    /** The alarm of a waiting call has gone off: no more are waited for. */
    private @Nullable List<Pending> askForTurn(Pending waiting) {
        lock.lock();
        try {
            waiting.alarm = 0;
            return waiting.turn != null || waiting.done ? waiting.turn : nextBatch();
        } finally {
            lock.unlock();
        }
    }

    /** Takes what the next flush writes, or null when there is nothing or no room. Call with the lock held. */
    private @Nullable List<Pending> nextBatch() {
        Pending first = queue.peek();
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
        List<Pending> batch = new ArrayList<>();
        boolean async = false;
        int messages = 0;
        long bytes = 0;
        for (Iterator<Pending> each = queue.iterator(); each.hasNext(); ) {
            Pending next = each.next();
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

    private void flushAndPassOn(List<Pending> batch) {
        long start = System.nanoTime();
        try {
            flush(batch);
        } finally {
            passOn(batch, start);
            batch.forEach(GroupCommit::complete);
        }
    }

    /** Gives the turn to one of those who wait, or to an engine thread if only asynchronous sends wait. */
    private void passOn(List<Pending> flushed, long start) {
        List<Pending> next;
        lock.lock();
        try {
            long now = System.nanoTime();
            long bytes = flushed.stream().mapToLong(p -> p.bytes).sum();
            pace.ends(flushed.size(), bytes, now - start, queue.size(), now);
            if (flushed.stream().anyMatch(Pending::isAsync)) {
                flushingAsync = false;
            }
            next = nextBatch();
        } finally {
            lock.unlock();
        }
        if (next == null) {
            return;
        }
        List<Pending> batch = next;
        Pending leader = batch.stream().filter(p -> !p.isAsync()).findFirst().orElse(null);
        if (leader == null) {
            threads.workers().execute(() -> flushAndPassOn(batch));
        } else {
            leader.turn = batch;
            LockSupport.unpark(leader.caller);
        }
    }

    private static void complete(Pending pending) {
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
            database.run(topics.look(messages, round));
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
            boolean whole = batch.stream().anyMatch(pending -> pending.whole);
            List<NewMessage> rest = write(messages, whole, batch.size() == 1);
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
                    pending.messages = write(pending.messages, pending.whole, true);
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

    /** As {@link #write}, and again while another transaction may be giving a message's identifier to its own. */
    private List<NewMessage> write(List<NewMessage> messages, boolean whole, boolean patient) throws SQLException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return write(messages, whole);
            } catch (SQLException e) {
                if (!patient || !Failures.LOCK_TIMEOUT.equals(e.getSQLState()) || System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(this, PATIENCE_NANOS);
            }
        }
    }

    /** Returns what was not written, see {@link Writing#unwritten}. */
    private List<NewMessage> write(List<NewMessage> messages, boolean whole) throws SQLException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                if (whole) {
                    WholeWrite.write(database, writer, commitOutcomes, wakeups, messages);
                    return List.of();
                }
                return writeOnce(messages);
            } catch (NotWrittenException e) {
                if (System.nanoTime() > end) {
                    throw e.reason;
                }
            }
        }
    }

    private List<NewMessage> writeOnce(List<NewMessage> messages) throws SQLException, NotWrittenException {
        Connection connection = database.connections().takeForSend();
        boolean alone = false;
        Writing writing = writer.begin(messages);
        try {
            Pipeline body = new Pipeline();
            Pipeline pipeline = new Pipeline();
            // Without BEGIN, what travels together is one transaction all the same, as long as the driver does not
            // divide it.
            if (writing.isUnlogged()) {
                writing.relax();
            }
            int statements = writing.add(body, null);
            if (statements == 1 || (writing.isPlain() && statements <= UNDIVIDED)) {
                pipeline = body;
                alone = true;
            } else {
                pipeline.add(Statements.BEGIN);
                if (writing.hasIdentifiers()) {
                    pipeline.add(Statements.SHORT_LOCK_TIMEOUT); // the pool for sends is small
                }
                writing.add(pipeline, null);
                pipeline.add(Statements.COMMIT);
            }
            pipeline.run(connection);
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, connection);
            Failures.rollBackAndClose(connection);
            database.statementFailed(e, broken);
            if (!broken || Failures.READ_ONLY.equals(e.getSQLState())) {
                throw e;
            }
            if ((alone && Failures.endedByServer(e))
                    || !commitOutcomes.isCommitted(null, List.of(), writing.perhapsWritten(), 0, e)) {
                throw new NotWrittenException(e);
            }
            wakeups.committed(writing.perhapsWritten());
            return List.of();
        }
        Failures.close(connection);
        wakeups.committed(writing.written());
        return writing.unwritten();
    }
}
