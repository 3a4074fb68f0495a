package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.ListenState;

/** The safety net of wake-ups: what nobody was told of. Used by one thread at a time. */
public final class SafetyPoll {

    /** Without LISTEN it is looked which queues are paused with every so many polls. */
    private static final int PAUSES = 5;

    private final Looks looks;
    private final Channels channels;
    private final Grace grace;
    private final LeaseRenewal leases;
    private final ListenState listenState;
    private final Wakeups wakeups;
    private int unheard;

    public SafetyPoll(
            Looks looks,
            Channels channels,
            Grace grace,
            LeaseRenewal leases,
            ListenState listenState,
            Wakeups wakeups) {
        this.looks = looks;
        this.channels = channels;
        this.grace = grace;
        this.leases = leases;
        this.listenState = listenState;
        this.wakeups = wakeups;
    }

    void poll() {
        looks.poll(channels.all());
        if (!listenState.isListening() && ++unheard % PAUSES == 0) {
            wakeups.restrictionsChanged();
        }
        if (!looks.isStuck() && grace.tick()) {
            leases.start();
        }
    }
}
