package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.boot.orders.Parcel;
import io.sqlmq.boot.test.AutoConfigureSqlmq;
import jakarta.persistence.EntityManager;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestPropertySource;

/** What the tests of slices have in common: the annotations of slices are elsewhere in Boot 3 and in Boot 4. */
public final class Slices {
    private Slices() {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @AutoConfigurationPackage(basePackageClasses = Parcel.class)
    static class Application {}

    /** Of an application that is configured for its database, and a test that must not come near that. */
    @Retention(RetentionPolicy.RUNTIME)
    @ContextConfiguration(classes = Application.class)
    @TestPropertySource(
            properties = {
                "spring.datasource.url=jdbc:postgresql://production/shop",
                "spring.flyway.enabled=false",
                "spring.liquibase.enabled=false",
                "spring.jpa.hibernate.ddl-auto=create"
            })
    @AutoConfigureSqlmq
    public @interface OfTheShop {}

    /** Sends in the test's transaction, in which what others have sent is not left. */
    public static void sends(JdbcTemplate jdbc, JmsTemplate jms) {
        jms.convertAndSend("in", "one");
        assertThat(jdbc.queryForList("SELECT body FROM mq_messages", String.class))
                .containsExactly("one");
    }

    /** As {@link #sends}, together with an entity. */
    public static void persistsAndSends(EntityManager entities, JdbcTemplate jdbc, JmsTemplate jms) {
        assertThat(entities.createQuery("SELECT count(p) FROM Parcel p").getSingleResult())
                .isEqualTo(0L);
        entities.persist(new Parcel("one"));
        entities.flush();
        sends(jdbc, jms);
        assertThat(jdbc.queryForList("SELECT xmin::text FROM mq_msgs", String.class))
                .isEqualTo(jdbc.queryForList("SELECT xmin::text FROM parcels", String.class));
    }
}
