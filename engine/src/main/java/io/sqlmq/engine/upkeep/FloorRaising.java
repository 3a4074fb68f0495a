package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.Floors;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;

/** Raises the floors of channels, and takes them back when they may be wrong. Thread-safe. */
public final class FloorRaising {

    private final Floors floors;
    private final Channels channels;
    private final Wakeups wakeups;
    private final Job job;

    public FloorRaising(Threads threads, Recurring recurring, Floors floors, Channels channels, Wakeups wakeups) {
        this.floors = floors;
        this.channels = channels;
        this.wakeups = wakeups;
        this.job =
                new Job(threads, recurring, "the look for the heads of queues", () -> floors.advance(channels.all()));
    }

    /** Has them raised soon where a channel has moved on enough. */
    void start() {
        job.start();
    }

    /** A prepared transaction was ended by this process: what floors have passed may be there again. */
    void branchEnded() {
        if (floors.havePassedAnyInDoubt()) {
            forget();
            wakeups.signalAll();
        }
    }

    /** The server may not be the one it was. */
    public void forget() {
        floors.forget(channels.all());
    }
}
