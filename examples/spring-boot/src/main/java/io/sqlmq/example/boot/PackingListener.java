package io.sqlmq.example.boot;

import org.springframework.jms.annotation.JmsListener;
import org.springframework.stereotype.Component;

/** Packs orders. */
@Component
class PackingListener {
    private final PurchaseOrders orders;

    PackingListener(PurchaseOrders orders) {
        this.orders = orders;
    }

    /** The order is packed and its message gone, or neither. What cannot be packed is tried again, and is a dead letter in the end. */
    @JmsListener(destination = "orders", concurrency = "3-10")
    void pack(long id) {
        orders.findById(id).orElseThrow().pack();
    }
}
