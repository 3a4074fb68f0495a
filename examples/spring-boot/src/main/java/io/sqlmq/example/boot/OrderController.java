package io.sqlmq.example.boot;

import java.util.List;
import org.springframework.jms.core.JmsClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Takes orders. */
@RestController
class OrderController {
    private final PurchaseOrders orders;
    private final JmsClient jms;

    OrderController(PurchaseOrders orders, JmsClient jms) {
        this.orders = orders;
        this.jms = jms;
    }

    /** The order is saved and its message sent, or neither. */
    @PostMapping("/orders")
    @Transactional
    PurchaseOrder place(@RequestParam String article, @RequestParam int quantity) {
        PurchaseOrder order = orders.save(new PurchaseOrder(article, quantity));
        jms.destination("orders").send(order.getId());
        return order;
    }

    @GetMapping("/orders")
    List<PurchaseOrder> all() {
        return orders.findAll();
    }
}
