package io.sqlmq.benchmarks.peers;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which messages of a run somebody has received, and what was wrong with them. */
final class Ledger implements Serializable {

    private static final long serialVersionUID = 1;
    private static final int UNORDERED = 0;

    private final int lanes;
    private final boolean promised;
    private final List<BitSet> seen = new ArrayList<>();
    private final Map<Long, Integer> last = new HashMap<>();
    private long doubled;
    private long reordered;
    private long overtaken;

    private Ledger(int lanes, boolean promised) {
        this.lanes = lanes;
        this.promised = promised;
    }

    /**
     * For messages that have an order.
     *
     * @param lanes those of a producer whose numbers are equal modulo this have an order among them
     * @param promised whether the order is promised, as it is to the only consumer of a queue and within groups; consumers
     *     that share a queue may see others' messages come back to it
     */
    static Ledger ordered(int lanes, boolean promised) {
        return new Ledger(lanes, promised);
    }

    static Ledger unordered() {
        return new Ledger(UNORDERED, false);
    }

    /** Notes one message. */
    synchronized void add(Stamp stamp) {
        BitSet numbers = numbers(stamp.producer());
        if (numbers.get(stamp.number())) {
            doubled++;
            return;
        }
        numbers.set(stamp.number());
        if (lanes != UNORDERED) {
            long lane = (long) stamp.producer() * lanes + stamp.number() % lanes;
            Integer before = last.put(lane, stamp.number());
            if (before != null && before > stamp.number()) {
                reordered += promised ? 1 : 0;
                overtaken += promised ? 0 : 1;
            }
        }
    }

    private BitSet numbers(int producer) {
        while (seen.size() <= producer) {
            seen.add(new BitSet());
        }
        return seen.get(producer);
    }

    /** Takes in what another consumer of the same queue received; the order between the two is nobody's promise. */
    void addAll(Ledger other) {
        for (int producer = 0; producer < other.seen.size(); producer++) {
            BitSet both = (BitSet) numbers(producer).clone();
            both.and(other.seen.get(producer));
            doubled += both.cardinality();
            numbers(producer).or(other.seen.get(producer));
        }
        doubled += other.doubled;
        reordered += other.reordered;
        overtaken += other.overtaken;
    }

    /** How many different ones. */
    long received() {
        return seen.stream().mapToLong(BitSet::cardinality).sum();
    }

    /** Deliveries of what had been received before. */
    long doubled() {
        return doubled;
    }

    /** Messages that came to a consumer after a later one of the same lane, where that must not be. */
    long reordered() {
        return reordered;
    }

    /** The same, where it may be. */
    long overtaken() {
        return overtaken;
    }

    /**
     * How many never came.
     *
     * @param sent by each producer
     */
    long lost(List<Long> sent) {
        long lost = 0;
        for (int producer = 0; producer < sent.size(); producer++) {
            lost += sent.get(producer) - numbers(producer).cardinality();
        }
        return lost;
    }
}
