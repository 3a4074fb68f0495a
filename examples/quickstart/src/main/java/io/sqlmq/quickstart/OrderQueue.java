package io.sqlmq.quickstart;

import io.sqlmq.jms.RedeliveryPolicy;

/** What producer and consumers agree on. */
final class OrderQueue {
    static final String NAME = "orders";

    /** The message property with the number of the order, which is the number of its line in the input. */
    static final String ORDER_NO = "order_no";

    /** Tries an order five times: again after 250, 500, 1000 and 2000 ms; then it goes to the dead-letter queue. */
    static final RedeliveryPolicy REDELIVERY = RedeliveryPolicy.builder()
            .initialRedeliveryDelay(250)
            .redeliveryDelay(500)
            .useExponentialBackOff(true)
            .backOffMultiplier(2)
            .maximumRedeliveries(4)
            .build();

    private OrderQueue() {}
}
