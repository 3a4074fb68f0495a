package io.sqlmq.engine.jdbc;

/** Whether this process hears notifications. Written by the one who listens, read by all. Thread-safe. */
public final class ListenState {

    private final boolean wanted;
    private volatile boolean listening;
    private volatile boolean unavailable;

    /**
     * Nobody listens yet.
     *
     * @param wanted whether anybody is to
     */
    public ListenState(boolean wanted) {
        this.wanted = wanted;
    }

    public boolean isWanted() {
        return wanted;
    }

    /** True while everything that others notify is heard: no commit of others goes unnoticed for longer than a NOTIFY takes. */
    public boolean isListening() {
        return listening;
    }

    public void setListening(boolean listening) {
        this.listening = listening;
    }

    /** True when LISTEN is switched off or does not get through to us (a pooler is in between). */
    public boolean isUnavailable() {
        return unavailable;
    }

    public void setUnavailable() {
        unavailable = true;
    }

    /** Whether others may take this process for dead, because it has lost the lock that it promised to hold. */
    public boolean isDoubtful() {
        return wanted && !listening && !unavailable;
    }
}
