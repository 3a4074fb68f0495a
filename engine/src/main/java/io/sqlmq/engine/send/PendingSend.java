package io.sqlmq.engine.send;

import io.sqlmq.engine.model.NewMessage;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One call of send, outside of transactions. */
final class PendingSend {
    /** Those that have not been written yet. */
    List<NewMessage> messages;

    final @Nullable CompletableFuture<Void> future;
    final Thread caller = Thread.currentThread();
    final long bytes;
    /** To a topic and to others: where the topic's subscriptions have changed, nothing may be written yet. */
    final boolean whole;

    @Nullable
    SQLException failure;
    /** What the caller has to flush, its own among it. */
    volatile @Nullable List<PendingSend> turn;

    volatile boolean done;

    /** When to ask for a turn if nobody gives one before ({@link System#nanoTime}), or 0: never. */
    volatile long alarm;

    PendingSend(List<NewMessage> messages, @Nullable CompletableFuture<Void> future) {
        this.messages = messages;
        this.future = future;
        this.whole = messages.size() > 1 && messages.stream().anyMatch(m -> m.publication() != null);
        this.bytes = messages.stream().mapToLong(NewMessage::size).sum();
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
