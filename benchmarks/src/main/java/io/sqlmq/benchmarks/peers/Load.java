package io.sqlmq.benchmarks.peers;

import org.jspecify.annotations.Nullable;

/**
 * What is done to a peer in a round.
 *
 * @param name of the case within its scenario
 * @param order what happens when
 * @param producers those who send, or ask
 * @param consumers those who receive, or answer
 * @param rest who receives what the consumers do not want, unmeasured, or null if they want everything
 * @param goal what sqlmq must reach
 * @param standing what lies in the queue all the while, sent before and received after what is measured, or null
 * @param disturbance what goes on beside it
 */
record Load(
        String name,
        Order order,
        Part.Plan producers,
        Part.Plan consumers,
        @Nullable Consuming rest,
        Goal goal,
        @Nullable Producing standing,
        Disturbance disturbance) {

    /** What happens when, and what of it is measured. */
    enum Order {
        /** Consumers wait, then producers send; measured from the first send until everything has come. */
        TOGETHER,
        /** The sends are measured; then everything is received, to see that it is there. */
        SENDS,
        /** Everything is sent; what is measured is to receive it. */
        BACKLOG
    }

    /** One whose consumers want everything. */
    static Load of(String name, Order order, Part.Plan producers, Part.Plan consumers) {
        return new Load(name, order, producers, consumers, null, Goal.NONE, null, Disturbance.NONE);
    }

    /** The same with a goal. */
    Load wanting(Goal what) {
        return new Load(name, order, producers, consumers, rest, what, standing, disturbance);
    }

    /** The same on a queue where something lies. */
    Load on(Producing lies, Consuming receiver) {
        return new Load(name, order, producers, consumers, receiver, goal, lies, disturbance);
    }

    /** The same with something going on beside it. */
    Load beside(Disturbance what) {
        return new Load(name, order, producers, consumers, rest, goal, standing, what);
    }

    /** How many of so many messages the consumers want. */
    long wanted(long sent) {
        return order != Order.BACKLOG || rest == null ? sent : sent / Producing.Kind.TENTHS_ARE;
    }
}
