package io.sqlmq.quickstart;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The business of this application: checks an order, prices it, writes the result. It knows nothing of messages. */
final class OrderProcessor {
    private final JsonMapper json = new JsonMapper();
    private final String consumer;
    private final long workNanos;

    /**
     * A processor.
     *
     * @param consumer the name written into results
     * @param workMillis how long each order takes beside its SQL
     */
    OrderProcessor(String consumer, int workMillis) {
        this.consumer = consumer;
        this.workNanos = TimeUnit.MILLISECONDS.toNanos(workMillis);
    }

    /** Processes an order within the transaction of {@code sql}. */
    void process(int orderNo, String body, Connection sql) throws OrderRejectedException, SQLException {
        Order order = parse(body);
        BigDecimal total = total(order, sql);
        callPaymentService();
        try (PreparedStatement insert = sql.prepareStatement(
                "INSERT INTO order_results (order_no, reference, total, consumer) VALUES (?, ?, ?, ?)")) {
            insert.setInt(1, orderNo);
            insert.setString(2, order.reference());
            insert.setBigDecimal(3, total);
            insert.setString(4, consumer);
            insert.executeUpdate();
        }
    }

    private Order parse(String body) throws OrderRejectedException {
        try {
            return json.readValue(body, Order.class);
        } catch (JacksonException e) {
            throw new OrderRejectedException("not an order: " + e.getOriginalMessage());
        }
    }

    private static BigDecimal total(Order order, Connection sql) throws OrderRejectedException, SQLException {
        List<Order.Item> items = order.items();
        if (items == null || items.isEmpty()) {
            throw new OrderRejectedException("no items");
        }
        Map<String, BigDecimal> prices = prices(items, sql);
        BigDecimal total = BigDecimal.ZERO;
        for (Order.Item item : items) {
            BigDecimal price = prices.get(item.sku());
            if (price == null) {
                throw new OrderRejectedException("unknown product " + item.sku());
            }
            if (item.quantity() <= 0) {
                throw new OrderRejectedException("quantity of " + item.sku() + " is " + item.quantity());
            }
            total = total.add(price.multiply(BigDecimal.valueOf(item.quantity())));
        }
        return total;
    }

    /** The prices of those items that are in the catalogue. */
    private static Map<String, BigDecimal> prices(List<Order.Item> items, Connection sql) throws SQLException {
        Map<String, BigDecimal> prices = new HashMap<>();
        try (PreparedStatement select = sql.prepareStatement("SELECT sku, price FROM products WHERE sku = ANY (?)")) {
            select.setArray(
                    1,
                    sql.createArrayOf(
                            "text", items.stream().map(Order.Item::sku).toArray()));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    prices.put(rows.getString(1), rows.getBigDecimal(2));
                }
            }
        }
        return prices;
    }

    /** Stands for a call to another service: it takes time and is nothing that a database could undo. */
    private void callPaymentService() {
        long end = System.nanoTime() + workNanos;
        for (long left = workNanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
