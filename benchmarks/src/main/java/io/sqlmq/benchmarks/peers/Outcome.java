package io.sqlmq.benchmarks.peers;

import java.io.Serializable;
import java.util.List;

/**
 * What one part did in a round.
 *
 * @param began the first send or, for consumers, when they were let go; microseconds since 1970
 * @param ended when the last send had returned or the last message had come
 * @param sent by each producer; empty for consumers
 * @param ledgers of each audience, one for a queue and one for each subscription; empty for producers
 * @param micros how long each message was on its way, or each request waited for its reply
 * @param bySecond messages that came in each second; empty for others than consumers
 */
record Outcome(long began, long ended, List<Long> sent, List<Ledger> ledgers, Micros micros, List<Long> bySecond)
        implements Serializable {

    long allSent() {
        return sent.stream().mapToLong(Long::longValue).sum();
    }
}
