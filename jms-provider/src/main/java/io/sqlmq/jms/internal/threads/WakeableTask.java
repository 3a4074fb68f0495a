package io.sqlmq.jms.internal.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A task that runs when it is woken, on one thread of an executor at a time; between, no thread is held. Woken while it
 * runs, it runs once more, so that whatever it was woken for is seen.
 */
public final class WakeableTask {
    private enum State {
        IDLE,
        RUNNING,
        AGAIN
    }

    private final Executor executor;
    private final Runnable task;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);

    /** A task that must not throw. */
    public WakeableTask(Executor executor, Runnable task) {
        this.executor = executor;
        this.task = task;
    }

    /** There may be something to do. Any thread; does not block. */
    public void wake() {
        State before = state.getAndUpdate(now -> now == State.IDLE ? State.RUNNING : State.AGAIN);
        if (before == State.IDLE) {
            executor.execute(this::run);
        }
    }

    private void run() {
        do {
            state.set(State.RUNNING);
            task.run();
        } while (!state.compareAndSet(State.RUNNING, State.IDLE));
    }
}
