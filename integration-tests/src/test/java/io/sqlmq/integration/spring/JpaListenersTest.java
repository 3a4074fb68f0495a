package io.sqlmq.integration.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SpringListenerContainer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

/**
 * Listeners with JPA: message, entity, SQL and reply are one transaction of the application's JpaTransactionManager, and a listener
 * that waits holds no connection.
 */
@Timeout(120)
class JpaListenersTest {
    private static final int LISTENERS = 10;

    /** Of an order. */
    @Entity
    @Table(name = "parcels")
    static class Parcel {
        @Id
        private String content;

        Parcel() {}

        Parcel(String content) {
            this.content = content;
        }
    }

    private final HikariDataSource pool = new HikariDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(pool);
    private final SqlmqQueue in = new SqlmqQueue("in-" + UUID.randomUUID());
    private final SqlmqQueue out = new SqlmqQueue("out-" + UUID.randomUUID());
    private final Set<String> failed = ConcurrentHashMap.newKeySet();
    private final LocalContainerEntityManagerFactoryBean hibernate = new LocalContainerEntityManagerFactoryBean();
    private final List<SpringListenerContainer> containers = new ArrayList<>();
    private SqlmqConnectionFactory factory;
    private JmsTemplate jms;
    private EntityManager entities;
    private JdbcTemplate outerJdbc;

    /** What the application uses the pool by. */
    DataSource around(DataSource real) {
        return new LazyConnectionDataSourceProxy(real);
    }

    @BeforeEach
    void open() {
        pool.setJdbcUrl(SqlmqEmbedded.named("jpa-listeners").jdbcUrl());
        pool.setMaximumPoolSize(6);
        jdbc.execute("CREATE TABLE parcels (content text PRIMARY KEY)");
        jdbc.execute("CREATE TABLE labels (content text PRIMARY KEY)");
        DataSource outer = around(pool);
        outerJdbc = new JdbcTemplate(outer);
        hibernate.setDataSource(outer);
        hibernate.setManagedTypes(PersistenceManagedTypes.of(Parcel.class.getName()));
        hibernate.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
        hibernate.afterPropertiesSet();
        entities = SharedEntityManagerCreator.createSharedEntityManager(hibernate.getObject());
        factory = new SqlmqConnectionFactory(outer);
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        factory.getOptions()
                .setRedeliveryPolicy(
                        RedeliveryPolicy.builder().initialRedeliveryDelay(10).build());
        jms = new JmsTemplate(factory);
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
    }

    @AfterEach
    void close() {
        containers.forEach(SpringListenerContainer::shutdown);
        factory.close();
        hibernate.destroy();
        jdbc.execute("DROP TABLE parcels, labels");
        pool.close();
    }

    private void start(MessageListener listener) {
        for (int i = 0; i < LISTENERS; i++) {
            SpringListenerContainer container = new SpringListenerContainer();
            container.setConnectionFactory(factory);
            container.setTransactionManager(new JpaTransactionManager(hibernate.getObject()));
            container.setDestination(in);
            container.setErrorHandler(error -> {});
            container.setMessageListener(listener);
            container.afterPropertiesSet();
            container.start();
            containers.add(container);
        }
    }

    /** Each message fails once, after everything has been done. */
    private void work(Message message) {
        String text = text(message);
        entities.persist(new Parcel(text));
        outerJdbc.update("INSERT INTO labels VALUES (?)", text);
        jms.convertAndSend(out, text);
        if (failed.add(text)) {
            throw new IllegalArgumentException("on purpose");
        }
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> rows(String table) {
        return jdbc.queryForList("SELECT content FROM " + table + " ORDER BY 1", String.class);
    }

    private List<Object> received(SqlmqQueue queue) {
        List<Object> received = new ArrayList<>();
        for (Object next = jms.receiveAndConvert(queue); next != null; next = jms.receiveAndConvert(queue)) {
            received.add(next);
        }
        return received;
    }

    @Test
    void messageEntityRowAndReplyAreOne() {
        start(this::work);
        List<String> texts =
                IntStream.range(0, 30).mapToObj(i -> "m" + (10 + i)).toList();
        texts.forEach(text -> jms.convertAndSend(in, text));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(rows("parcels")).containsExactlyElementsOf(texts));
        containers.forEach(SpringListenerContainer::shutdown);
        assertThat(rows("labels")).containsExactlyElementsOf(texts);
        assertThat(received(out)).containsExactlyInAnyOrderElementsOf(texts);
        assertThat(received(in)).isEmpty();
        assertThat(failed).hasSize(texts.size());
    }

    /** Ten of them, and a pool of 6. */
    @Test
    void aListenerThatWaitsHoldsNoConnection() {
        start(this::work);
        await().atMost(Duration.ofSeconds(60)).until(this::hasConnectionsToSpareForAWhile);
    }

    private boolean hasConnectionsToSpareForAWhile() throws InterruptedException {
        int mostInUse = 0;
        for (long began = System.nanoTime();
                System.nanoTime() - began < Duration.ofSeconds(4).toNanos(); ) {
            mostInUse = Math.max(mostInUse, pool.getHikariPoolMXBean().getActiveConnections());
            Thread.sleep(5);
        }
        return mostInUse <= 3;
    }
}
