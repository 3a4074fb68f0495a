package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Looks;

/** The safety net of wake-ups: what nobody was told of. Used by one thread at a time. */
public final class SafetyPoll {

    private final Looks looks;
    private final Channels channels;
    private final Grace grace;
    private final LeaseRenewal leases;

    public SafetyPoll(Looks looks, Channels channels, Grace grace, LeaseRenewal leases) {
        this.looks = looks;
        this.channels = channels;
        this.grace = grace;
        this.leases = leases;
    }

    void poll() {
        looks.poll(channels.all());
        if (!looks.isStuck() && grace.tick()) {
            leases.start();
        }
    }
}
