package io.sqlmq.benchmarks.boot;

import jakarta.persistence.EntityManager;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.transaction.annotation.Transactional;

/** Stores messages with JPA. */
@SpringBootApplication(proxyBeanMethods = false)
public class StoringApplication {
    /** Of the listener. */
    public static final String ID = "storing";

    private final EntityManager entities;
    private final Arrivals arrivals;

    StoringApplication(EntityManager entities, Arrivals arrivals) {
        this.entities = entities;
        this.arrivals = arrivals;
    }

    /** Works on one message. */
    @JmsListener(id = ID, destination = "${queue}")
    @Transactional
    public void store(String body) {
        entities.persist(new StoredMessage(body));
        arrivals.one();
    }
}
