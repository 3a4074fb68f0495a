package io.sqlmq.boot.orders;

import jakarta.persistence.EntityManager;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.annotation.Transactional;

/** An application as a new user writes it: JPA, JDBC and messages, and nothing about transactions of messages. */
@SpringBootApplication
public class Orders {
    private final EntityManager entities;
    private final JdbcTemplate jdbc;
    private final JmsTemplate jms;

    private final Set<String> failed = ConcurrentHashMap.newKeySet();
    private final CountDownLatch together = new CountDownLatch(10);

    public Orders(EntityManager entities, JdbcTemplate jdbc, JmsTemplate jms) {
        this.entities = entities;
        this.jdbc = jdbc;
        this.jms = jms;
    }

    /** What has failed already. */
    public Set<String> failed() {
        return failed;
    }

    @JmsListener(destination = "orders", concurrency = "3-10")
    public void pack(String order) throws InterruptedException {
        entities.persist(new Parcel(order));
        entities.flush();
        jdbc.update("INSERT INTO labels VALUES (?, pg_catalog.pg_current_xact_id()::text)", order);
        jdbc.update("INSERT INTO packed SELECT content, xmin::text FROM parcels WHERE content = ?", order);
        jms.convertAndSend("packed", order);
        if (order.startsWith("together")) {
            together.countDown();
            if (!together.await(20, TimeUnit.SECONDS)) {
                failed.add(order);
            }
        }
        if (order.startsWith("once") && failed.add(order)) {
            throw new IllegalArgumentException("on purpose, the first time");
        }
        if (order.startsWith("never")) {
            throw new IllegalArgumentException("never on " + order);
        }
    }

    @Transactional
    public void place(String order, boolean fails) {
        jms.convertAndSend("orders", order);
        jdbc.update("INSERT INTO placed VALUES (?)", order);
        if (fails) {
            throw new IllegalArgumentException("not placed");
        }
    }

    /** More of them than the pool has connections. */
    @JmsListener(destination = "ask", concurrency = "15")
    public String answer(String question) {
        jdbc.update("INSERT INTO placed VALUES (?)", question);
        return "re " + question;
    }
}
