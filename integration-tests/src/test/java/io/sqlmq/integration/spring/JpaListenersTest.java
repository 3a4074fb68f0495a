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
import jakarta.jms.Session;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

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
    private final List<DefaultMessageListenerContainer> containers = new ArrayList<>();
    /** What listeners failed with. */
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    /** What a container had to recover from. */
    private final List<Throwable> interruptions = new CopyOnWriteArrayList<>();

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
                .setRedeliveryPolicy(RedeliveryPolicy.builder()
                        .initialRedeliveryDelay(10)
                        .redeliveryDelay(10)
                        .maximumRedeliveries(2)
                        .build());
        jms = new JmsTemplate(factory);
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
    }

    @AfterEach
    void close() {
        containers.forEach(DefaultMessageListenerContainer::shutdown);
        factory.close();
        hibernate.destroy();
        jdbc.execute("DROP TABLE parcels, labels");
        pool.close();
    }

    private void start(MessageListener listener) {
        for (int i = 0; i < LISTENERS; i++) {
            start(new SpringListenerContainer(), listener);
        }
    }

    private void start(DefaultMessageListenerContainer container, MessageListener listener) {
        container.setConnectionFactory(factory);
        container.setTransactionManager(transactions());
        container.setDestination(in);
        container.setErrorHandler(errors::add);
        container.setExceptionListener(interruptions::add);
        container.setMessageListener(listener);
        container.afterPropertiesSet();
        container.start();
        containers.add(container);
    }

    private JpaTransactionManager transactions() {
        return new JpaTransactionManager(hibernate.getObject());
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
        containers.forEach(DefaultMessageListenerContainer::shutdown);
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

    private void awaitDeadLetter(String error) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(jdbc.queryForList(
                                "SELECT last_error FROM mq_msgs WHERE dead_origin = ?", String.class, in.getName()))
                        .singleElement()
                        .asString()
                        .contains(error));
    }

    /** As JPA's usual failures, which come when the listener has returned. */
    @Test
    void whyTheCommitFailedIsFoundWithTheDeadLetter() {
        jdbc.update("INSERT INTO parcels VALUES ('m')");
        start(new SpringListenerContainer(), message -> entities.persist(new Parcel(text(message))));
        jms.convertAndSend(in, "m");
        awaitDeadLetter("duplicate key");
        assertThat(errors).hasSize(3);
        assertThat(interruptions).isEmpty();
    }

    /** A transactional method fails, and the listener does not mind. */
    @Test
    void whyNothingWasCommittedIsFoundWithTheDeadLetter() {
        TransactionTemplate inner = new TransactionTemplate(transactions());
        start(new SpringListenerContainer(), message -> inner.executeWithoutResult(TransactionStatus::setRollbackOnly));
        jms.convertAndSend(in, "m");
        awaitDeadLetter("rollback-only");
        assertThat(errors).hasSize(3).hasOnlyElementsOfType(UnexpectedRollbackException.class);
    }

    static Stream<Arguments> transacted() {
        return Stream.of(
                Arguments.of(new SpringListenerContainer(), DefaultMessageListenerContainer.CACHE_AUTO, 2),
                Arguments.of(new DefaultMessageListenerContainer(), DefaultMessageListenerContainer.CACHE_AUTO, 2),
                // In the listener's session, which is transacted and then for itself.
                Arguments.of(new DefaultMessageListenerContainer(), DefaultMessageListenerContainer.CACHE_CONSUMER, 1));
    }

    /** At each attempt, or with the one that succeeds. */
    @ParameterizedTest
    @MethodSource("transacted")
    void whatAListenerSendsWhileItsTransactionIsSuspendedIsSent(
            DefaultMessageListenerContainer container, int cacheLevel, int times) {
        container.setSessionTransacted(true);
        container.setCacheLevel(cacheLevel);
        TransactionTemplate suspending = new TransactionTemplate(transactions());
        suspending.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
        start(container, message -> {
            suspending.executeWithoutResult(status -> jms.convertAndSend(out, "beside " + text(message)));
            work(message);
        });
        jms.convertAndSend(in, "m");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(rows("parcels")).containsExactly("m"));
        container.shutdown();
        assertThat(received(out)).containsOnly("beside m", "m").hasSize(times + 1);
        assertThat(received(in)).isEmpty();
    }

    /** Which a transaction takes the place of. */
    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE, 4})
    void anAcknowledgeModeMakesNoDifference(int mode) {
        SpringListenerContainer container = new SpringListenerContainer();
        container.setSessionTransacted(false);
        container.setSessionAcknowledgeMode(mode);
        start(container, this::work);
        jms.convertAndSend(in, "m");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(rows("parcels")).containsExactly("m"));
        container.shutdown();
        assertThat(received(out)).containsExactly("m");
        assertThat(received(in)).isEmpty();
        assertThat(errors).singleElement().isInstanceOf(IllegalArgumentException.class);
        assertThat(interruptions).isEmpty();
    }
}
