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
import io.sqlmq.jms.SqlmqTransactionManager;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.SimpleMessageListenerContainer;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's listener containers with a SqlmqTransactionManager: message, SQL and replies are one transaction. */
@Timeout(120)
class ManagedContainersTest {
    private final HikariDataSource pool = new HikariDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(pool);
    private final String table = "t_" + UUID.randomUUID().toString().replace("-", "");
    private final SqlmqQueue in = new SqlmqQueue("in-" + table);
    private final SqlmqQueue out = new SqlmqQueue("out-" + table);
    private final List<AbstractMessageListenerContainer> containers = new ArrayList<>();
    private final Set<String> failed = ConcurrentHashMap.newKeySet();
    private SqlmqConnectionFactory factory;
    private SqlmqTransactionManager manager;
    private JmsTemplate jms;

    @BeforeEach
    void open() {
        pool.setJdbcUrl(SqlmqEmbedded.named("managed-containers").jdbcUrl());
        pool.setMaximumPoolSize(8);
        jdbc.execute("CREATE TABLE " + table + " (id text PRIMARY KEY)");
        factory = new SqlmqConnectionFactory(pool);
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        factory.getOptions()
                .setRedeliveryPolicy(RedeliveryPolicy.builder()
                        .initialRedeliveryDelay(10)
                        .redeliveryDelay(10)
                        .maximumRedeliveries(2)
                        .build());
        manager = new SqlmqTransactionManager(factory);
        jms = new JmsTemplate(factory);
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
    }

    @AfterEach
    void close() {
        containers.forEach(AbstractMessageListenerContainer::stop); // or each would wait for its own receive in turn
        containers.forEach(AbstractMessageListenerContainer::shutdown);
        manager.destroy();
        factory.close();
        jdbc.execute("DROP TABLE " + table);
        pool.close();
    }

    private void start(AbstractMessageListenerContainer container, ConnectionFactory over, MessageListener listener) {
        container.setConnectionFactory(over);
        container.setDestination(in);
        container.setErrorHandler(error -> {});
        container.setMessageListener(listener);
        container.afterPropertiesSet();
        container.start();
        containers.add(container);
    }

    private void insert(String id) {
        jdbc.update("INSERT INTO " + table + " VALUES (?)", id);
    }

    private List<String> rows() {
        return jdbc.queryForList("SELECT id FROM " + table + " ORDER BY id", String.class);
    }

    private List<Object> received(SqlmqQueue queue) {
        List<Object> received = new ArrayList<>();
        for (Object next = jms.receiveAndConvert(queue); next != null; next = jms.receiveAndConvert(queue)) {
            received.add(next);
        }
        return received;
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (jakarta.jms.JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** Each message fails once, after everything has been done. */
    private void work(Message message, JmsTemplate replies) {
        String text = text(message);
        insert(text);
        replies.convertAndSend(out, text);
        if (failed.add(text)) {
            throw new IllegalArgumentException("on purpose");
        }
    }

    static Stream<Arguments> containers() {
        return Stream.of(false, true)
                .flatMap(transacted -> Stream.of(false, true)
                        .flatMap(caching -> IntStream.rangeClosed(
                                        DefaultMessageListenerContainer.CACHE_NONE,
                                        DefaultMessageListenerContainer.CACHE_CONSUMER)
                                .mapToObj(level -> Arguments.of(transacted, caching, level))));
    }

    @ParameterizedTest
    @MethodSource("containers")
    void messageRowAndReplyAreOne(boolean sessionTransacted, boolean caching, int cacheLevel) {
        CachingConnectionFactory cached = new CachingConnectionFactory(factory);
        ConnectionFactory over = caching ? cached : factory;
        JmsTemplate replies = new JmsTemplate(over);
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setTransactionManager(manager);
        container.setSessionTransacted(sessionTransacted);
        container.setCacheLevel(cacheLevel);
        container.setConcurrentConsumers(2);
        container.setReceiveTimeout(200);
        start(container, over, message -> work(message, replies));
        List<String> texts =
                IntStream.range(0, 12).mapToObj(i -> "m" + (10 + i)).toList();
        texts.forEach(text -> jms.convertAndSend(in, text));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(rows()).containsExactlyElementsOf(texts));
        container.shutdown();
        assertThat(received(out)).containsExactlyInAnyOrderElementsOf(texts);
        assertThat(received(in)).isEmpty();
        assertThat(failed).hasSize(texts.size());
        cached.destroy();
    }

    /** All of them together: the first looks share a pool of 8, and then there is LISTEN, upkeep, and little else. */
    @Test
    void aHundredIdleListenersCostNothing() {
        for (int i = 0; i < 100; i++) {
            DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
            container.setTransactionManager(manager);
            container.setConnectionFactory(factory);
            container.setDestination(new SqlmqQueue(in.getName() + "-" + i));
            container.setMessageListener((MessageListener) message -> insert(text(message)));
            container.afterPropertiesSet();
            container.start();
            containers.add(container);
        }
        jms.convertAndSend(new SqlmqQueue(in.getName() + "-99"), "first");
        await().atMost(Duration.ofSeconds(20)) // less than a pool's time-out
                .untilAsserted(() -> assertThat(rows()).containsExactly("first"));
        SingleConnectionDataSource beside = new SingleConnectionDataSource(pool.getJdbcUrl(), true);
        await().atMost(Duration.ofSeconds(60)).until(() -> isIdle(new JdbcTemplate(beside)));
        beside.destroy();
        jms.convertAndSend(new SqlmqQueue(in.getName() + "-42"), "found");
        await().untilAsserted(() -> assertThat(rows()).containsExactly("first", "found"));
    }

    /** The server counts with a delay, so some seconds may have what came before. */
    private boolean isIdle(JdbcTemplate beside) throws InterruptedException {
        int mostInUse = 0;
        long before = transactions(beside);
        long began = System.nanoTime();
        long nanos = 0;
        while (nanos < Duration.ofSeconds(5).toNanos()) {
            mostInUse = Math.max(mostInUse, pool.getHikariPoolMXBean().getActiveConnections());
            Thread.sleep(5);
            nanos = System.nanoTime() - began;
        }
        return (transactions(beside) - before) / (nanos / 1e9) < 5 && mostInUse <= 5;
    }

    private static long transactions(JdbcTemplate watcher) {
        return watcher.queryForObject(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()",
                Long.class);
    }

    @Test
    void theExceptionOfAListenerIsFoundWithTheDeadLetter() {
        SpringListenerContainer container = new SpringListenerContainer();
        container.setTransactionManager(manager);
        container.setReceiveTimeout(200);
        start(container, factory, message -> {
            insert(text(message));
            throw new IllegalArgumentException("no such customer");
        });
        jms.convertAndSend(in, "m");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(jdbc.queryForList(
                                "SELECT last_error FROM mq_msgs WHERE dead_origin = ?", String.class, in.getName()))
                        .singleElement()
                        .asString()
                        .contains("no such customer"));
        assertThat(rows()).isEmpty();
    }

    /** No exception of the listener, whose container need not be ours. */
    @Test
    void whyTheCommitFailedIsFoundWithTheDeadLetter() {
        jdbc.execute(
                "ALTER TABLE " + table + " ADD part_of text REFERENCES " + table + " DEFERRABLE INITIALLY DEFERRED");
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setTransactionManager(manager);
        container.setReceiveTimeout(200);
        start(
                container,
                factory,
                message -> jdbc.update("INSERT INTO " + table + " VALUES (?, 'nothing')", text(message)));
        jms.convertAndSend(in, "m");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(jdbc.queryForList(
                                "SELECT last_error FROM mq_msgs WHERE dead_origin = ?", String.class, in.getName()))
                        .singleElement()
                        .asString()
                        .contains("foreign key constraint"));
        assertThat(rows()).isEmpty();
    }

    @Test
    void methodsThatAListenerCallsHaveTheirOwnTransactionWhereTheContainerHasNone() {
        TransactionTemplate transaction = new TransactionTemplate(manager);
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer();
        container.setSessionTransacted(true);
        start(
                container,
                factory,
                message -> transaction.executeWithoutResult(status -> {
                    insert(text(message) + " " + failed.size());
                    jms.convertAndSend(out, text(message));
                    if (failed.add(text(message))) {
                        throw new IllegalArgumentException("on purpose");
                    }
                }));
        jms.convertAndSend(in, "m");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(rows()).containsExactly("m 1"));
        container.shutdown();
        assertThat(received(out)).containsExactly("m");
        assertThat(received(in)).isEmpty();
    }
}
