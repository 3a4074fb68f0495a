package io.sqlmq.job;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does one job after the other, as long as there are some; then its thread goes until the runner calls again. */
final class Lane implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    /** How much work of short jobs is completed together: a claim and a commit are shared by twice as many as with listeners. */
    private static final Duration GROUPED_WORK = Duration.ofMillis(2);

    private final JobRunner runner;
    private final Window window;
    private final List<ChannelConsumer> consumers;
    private final Interruption interruption = new Interruption();

    Lane(JobRunner runner, Engine engine, List<ChannelConsumer> consumers) {
        this.runner = runner;
        this.window = engine.groupedWindow(GROUPED_WORK);
        this.consumers = consumers;
    }

    @Override
    public void run() {
        long[] marks = null;
        try {
            marks = work();
        } catch (SQLException | RuntimeException | Error e) {
            LOG.error("Looking for jobs failed; next attempt in a second", e);
            runner.kickLater();
        } finally {
            runner.retire(this);
        }
        if (marks != null) {
            runner.await(marks); // only now: what comes at once wants a lane
        }
    }

    /** Returns where the channels stood when nothing was there, or null if there may be more that others have to do. */
    private long @Nullable [] work() throws SQLException {
        long[] marks = new long[consumers.size()];
        boolean more = true;
        while (more) {
            Delivery delivery = take(marks);
            if (delivery == null) {
                window.flush();
                return marks;
            }
            if (!runner.begin()) {
                window.putBack(delivery);
                return null;
            }
            more = false;
            try {
                new Attempt(runner, window, delivery, interruption).run();
            } finally {
                more = runner.end();
            }
        }
        window.flush();
        window.release();
        return null;
    }

    /** The next job of any channel; null if none had one when its mark was read. */
    private @Nullable Delivery take(long[] marks) throws SQLException {
        int first = runner.nextTurn();
        for (int i = 0; i < marks.length; i++) {
            int at = (first + i) % marks.length;
            ChannelConsumer consumer = consumers.get(at);
            runner.looks(at);
            marks[at] = consumer.mark();
            if (!consumer.knownEmpty() || window.unseenChannels().contains(consumer.channel())) {
                Delivery delivery = window.next(consumer);
                if (delivery != null) {
                    return delivery;
                }
            }
        }
        return null;
    }

    /** Nobody works here any more. */
    void close() {
        consumers.forEach(ChannelConsumer::close);
        window.close();
    }

    /** The runner waits no longer: what is being done is interrupted, and others may have it. */
    void abandon() {
        interruption.now();
        close();
    }
}
