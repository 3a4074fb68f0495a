package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.jdbc.OpenTransactions;
import io.sqlmq.engine.jdbc.Threads;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The windows that have a transaction open, and a timer that sees to their age while there are any. Thread-safe. */
public final class OpenWindows implements OpenTransactions {

    private static final long TICK_MILLIS = 10;
    private static final int CROWD = 2;

    private final Threads threads;
    private final Set<Window> windows = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ticking = new AtomicBoolean();

    public OpenWindows(Threads threads) {
        this.threads = threads;
    }

    void opened(Window window) {
        windows.add(window);
        if (ticking.compareAndSet(false, true)) {
            threads.schedule(this::tick, TICK_MILLIS);
        }
    }

    void closed(Window window) {
        windows.remove(window);
    }

    private void tick() {
        if (windows.isEmpty()) {
            ticking.set(false);
            if (windows.isEmpty() || !ticking.compareAndSet(false, true)) {
                return;
            }
        }
        for (Window window : windows) {
            if (window.mayBeTooOld()) {
                threads.workers().execute(window::age);
            }
        }
        threads.schedule(this::tick, TICK_MILLIS);
    }

    @Override
    public boolean isCrowded() {
        return windows.size() >= CROWD;
    }

    @Override
    public int count() {
        return windows.size();
    }

    @Override
    public boolean hasOneOfThisThread() {
        for (Window window : windows) {
            if (window.isOfThisThread()) {
                return true;
            }
        }
        return false;
    }

    /** Asks windows that hold messages of the channel for an application that does not come back to let them go. */
    boolean askToGiveWay(Channel channel, Window asking) {
        boolean any = false;
        for (Window window : windows) {
            if (window != asking) {
                any |= window.giveWay(channel);
            }
        }
        return any;
    }
}
