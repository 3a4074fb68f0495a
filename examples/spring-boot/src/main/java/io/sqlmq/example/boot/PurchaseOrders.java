package io.sqlmq.example.boot;

import org.springframework.data.jpa.repository.JpaRepository;

/** All orders. */
interface PurchaseOrders extends JpaRepository<PurchaseOrder, Long> {}
