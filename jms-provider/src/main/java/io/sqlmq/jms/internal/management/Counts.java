package io.sqlmq.jms.internal.management;

import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What has happened at a destination. Thread-safe. */
final class Counts {
    final LongAdder sent = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder acknowledged = new LongAdder();
    final LongAdder rolledBack = new LongAdder();
    final LongAdder deadLettered = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder timed = new LongAdder();
    final LongAdder waitedMillis = new LongAdder();
    final LongAccumulator longestMillis = new LongAccumulator(Math::max, 0);
    /** Not reset: what is being worked on is not begun anew. */
    final LongAdder inFlight = new LongAdder();

    void waited(long millis) {
        timed.increment();
        waitedMillis.add(millis);
        longestMillis.accumulate(millis);
    }

    double averageMillis() {
        long n = timed.sum();
        return n == 0 ? 0 : (double) waitedMillis.sum() / n;
    }

    void reset() {
        for (LongAdder count :
                new LongAdder[] {sent, delivered, acknowledged, rolledBack, deadLettered, expired, timed, waitedMillis
                }) {
            count.reset();
        }
        longestMillis.reset();
    }
}
