package io.sqlmq.engine.claim;

import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.jdbc.Threads;
import java.util.concurrent.atomic.AtomicBoolean;

/** Whether claims take messages whose lease has run out, and whose. Thread-safe. */
public final class LapsedLeases {

    private static final long LEAST_GRACE_MILLIS = 50;

    private final Threads threads;
    private final Channels channels;
    private final Looks looks;
    private final ConsumerProcess owner;
    private final Grace grace;
    private final AtomicBoolean lookingAfterGrace = new AtomicBoolean();

    public LapsedLeases(Threads threads, Channels channels, Looks looks, ConsumerProcess owner, Grace grace) {
        this.threads = threads;
        this.channels = channels;
        this.looks = looks;
        this.owner = owner;
        this.grace = grace;
    }

    /** The number of this process, or 0 if it has not had a lease yet. It does not claim what it has under a lease itself. */
    int mine() {
        return owner.idIfKnown();
    }

    /**
     * Whether messages may be claimed because the leases of others have run out. If not, who waits is told when they may be,
     * since what is due does not become due once more.
     */
    boolean mayBeClaimed() {
        boolean over = !grace.isOn();
        if (!over && lookingAfterGrace.compareAndSet(false, true)) {
            lookAfterGrace();
        }
        return over;
    }

    private void lookAfterGrace() {
        threads.schedule(
                () -> {
                    if (grace.isOn()) {
                        lookAfterGrace();
                    } else {
                        lookingAfterGrace.set(false);
                        looks.want(channels.all());
                    }
                },
                Math.max(grace.millisLeft(), LEAST_GRACE_MILLIS));
    }
}
