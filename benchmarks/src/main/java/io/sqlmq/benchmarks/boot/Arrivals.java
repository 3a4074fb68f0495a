package io.sqlmq.benchmarks.boot;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Counts messages that the application has worked on. */
@Component
public final class Arrivals {
    private volatile CountDownLatch expected = new CountDownLatch(0);

    /** From now on. */
    public void expect(int messages) {
        expected = new CountDownLatch(messages);
    }

    void one() {
        expected.countDown();
    }

    /** Returns how many have not come in time. */
    public long await(long seconds) throws InterruptedException {
        CountDownLatch latch = expected;
        return latch.await(seconds, TimeUnit.SECONDS) ? 0 : latch.getCount();
    }
}
