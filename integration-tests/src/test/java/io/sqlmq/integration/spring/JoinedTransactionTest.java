package io.sqlmq.integration.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.engine.model.EngineListener;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.schema.Migrator;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Queue;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Messages in the transactions of a plain DataSourceTransactionManager: they commit and roll back with the caller's SQL,
 * and nothing of sqlmq ends the caller's transaction or keeps its connection.
 */
@Timeout(30)
class JoinedTransactionTest {

    private static final long SOON = 5_000;
    private static final long NOTHING = 100;

    private final HikariDataSource pool = new HikariDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(pool);
    private final DataSourceTransactionManager manager = new DataSourceTransactionManager(pool);
    private final TransactionTemplate transaction = new TransactionTemplate(manager);
    private final String table = "t_" + UUID.randomUUID().toString().replace("-", "");
    private final Queue queue = new SqlmqQueue("joined-" + table);
    private SqlmqConnectionFactory factory;
    private JmsTemplate jms;

    @BeforeEach
    void open() {
        pool.setJdbcUrl(SqlmqEmbedded.named("joined").jdbcUrl());
        pool.setMaximumPoolSize(4);
        jdbc.execute("CREATE TABLE " + table + " (id text PRIMARY KEY)");
        new Migrator(pool, Migrator.DEFAULT_SCHEMA).migrate();
        factory = new SqlmqConnectionFactory(pool);
        jms = template(factory);
    }

    @AfterEach
    void close() throws Exception {
        factory.close();
        jdbc.execute("DROP TABLE " + table);
        pool.close();
    }

    private JmsTemplate template(ConnectionFactory over) {
        JmsTemplate template = new JmsTemplate(over);
        template.setDefaultDestination(queue);
        template.setReceiveTimeout(SOON);
        return template;
    }

    private void insert(String id) {
        jdbc.update("INSERT INTO " + table + " VALUES (?)", id);
    }

    private List<String> rows() {
        return jdbc.queryForList("SELECT id FROM " + table + " ORDER BY id", String.class);
    }

    private void assertNoMessage() {
        jms.setReceiveTimeout(NOTHING);
        assertThat(jms.receive()).isNull();
        jms.setReceiveTimeout(SOON);
    }

    @Test
    void aSendCommitsWithTheSql() {
        transaction.executeWithoutResult(status -> {
            insert("a");
            jms.convertAndSend("a");
        });
        assertThat(rows()).containsExactly("a");
        assertThat(jms.receiveAndConvert()).isEqualTo("a");
    }

    /** What it costs to tell them is for messages that they can have. */
    @Test
    void otherProcessesAreToldOfWhatIsSentAndNotOfWhatIsReceived() throws Exception {
        String name = queue.getQueueName();
        String marker = name + "-marker";
        jdbc.update("INSERT INTO mq_owners VALUES (2000000001, 'elsewhere', false, now() + interval '1 h')");
        jdbc.update("INSERT INTO mq_waiters VALUES (?, 2000000001), (?, 2000000001)", name, marker);
        try (Connection listening = DriverManager.getConnection(pool.getJdbcUrl());
                Statement statement = listening.createStatement()) {
            statement.execute("LISTEN \"sqlmq:" + md5OfSchema() + "\"");
            jms.convertAndSend("a");
            assertThat(toldUntil(name, listening)).isNotEmpty();
            transaction.executeWithoutResult(
                    status -> assertThat(jms.receiveAndConvert()).isEqualTo("a"));
            jms.convertAndSend(marker, "next");
            assertThat(toldUntil(marker, listening)).doesNotContain(name);
            transaction.executeWithoutResult(status -> jms.convertAndSend("b"));
            assertThat(toldUntil(name, listening)).isNotEmpty();
        } finally {
            jdbc.update("DELETE FROM mq_waiters WHERE owner = 2000000001");
            jdbc.update("DELETE FROM mq_owners WHERE owner = 2000000001");
        }
    }

    /** Nobody else would look for it before the safety net. */
    @Test
    void otherProcessesAreToldOfWhatANestedTransactionGaveBack() throws Exception {
        String name = queue.getQueueName();
        String marker = name + "-marker";
        AtomicInteger acknowledged = new AtomicInteger();
        factory.addListener(new EngineListener() {
            @Override
            public void acknowledged(String destination, long workedNanos) {
                acknowledged.incrementAndGet();
            }
        });
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        jdbc.update("INSERT INTO mq_owners VALUES (2000000001, 'elsewhere', false, now() + interval '1 h')");
        jdbc.update("INSERT INTO mq_waiters VALUES (?, 2000000001), (?, 2000000001)", name, marker);
        try (Connection listening = DriverManager.getConnection(pool.getJdbcUrl());
                Statement statement = listening.createStatement()) {
            statement.execute("LISTEN \"sqlmq:" + md5OfSchema() + "\"");
            jms.convertAndSend("stays received");
            jms.convertAndSend("given back");
            jms.convertAndSend(marker, "next");
            toldUntil(marker, listening);
            transaction.executeWithoutResult(outer -> {
                assertThat(jms.receiveAndConvert()).isEqualTo("stays received");
                nested.executeWithoutResult(status -> {
                    assertThat(jms.receiveAndConvert()).isEqualTo("given back");
                    status.setRollbackOnly();
                });
            });
            assertThat(toldUntil(name, listening)).contains(name);
            await().untilAsserted(() -> assertThat(jdbc.queryForList(
                            "SELECT payload_text || ' failed ' || failure_count FROM mq_msgs WHERE channel_name = ?",
                            String.class,
                            name))
                    .containsExactly("given back failed 1"));
            await().until(() -> acknowledged.get() == 1);
        } finally {
            jdbc.update("DELETE FROM mq_waiters WHERE owner = 2000000001");
            jdbc.update("DELETE FROM mq_owners WHERE owner = 2000000001");
        }
    }

    private String md5OfSchema() {
        return jdbc.queryForObject("SELECT md5('\"public\"')", String.class);
    }

    /** Of which channels others have been told, up to this one. */
    private static List<String> toldUntil(String channel, Connection listening) throws Exception {
        List<String> told = new ArrayList<>();
        await().atMost(Duration.ofMillis(SOON)).until(() -> {
            for (PGNotification each : listening.unwrap(PGConnection.class).getNotifications(100)) {
                told.add(each.getParameter().substring(each.getParameter().indexOf(' ') + 1));
            }
            return told.contains(channel);
        });
        return told;
    }

    @Test
    void aSendRollsBackWithTheSql() {
        transaction.executeWithoutResult(status -> {
            insert("a");
            jms.convertAndSend("a");
            status.setRollbackOnly();
        });
        assertThat(rows()).isEmpty();
        assertNoMessage();
    }

    @Test
    void aSendRollsBackWhenTheSqlFails() {
        insert("a");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jms.convertAndSend("a");
                    insert("a");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        assertNoMessage();
    }

    @Test
    void aReceiveCommitsAndRollsBackWithTheSql() {
        jms.convertAndSend("a");
        transaction.executeWithoutResult(status -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("a");
            insert("a");
            status.setRollbackOnly();
        });
        assertThat(rows()).isEmpty();
        transaction.executeWithoutResult(status -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("a");
            insert("a");
        });
        assertThat(rows()).containsExactly("a");
        assertNoMessage();
    }

    @Test
    void aTransactionDoesNotReceiveItsOwnSends() {
        transaction.executeWithoutResult(status -> {
            jms.convertAndSend("a");
            assertNoMessage();
        });
        assertThat(jms.receiveAndConvert()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theCallersTransactionGoesOnAfterEveryOperation(boolean sessionTransacted) {
        jms.setSessionTransacted(sessionTransacted);
        jms.convertAndSend("first");
        transaction.executeWithoutResult(status -> {
            String before = currentTransaction();
            jms.convertAndSend("second");
            jms.receiveAndConvert();
            assertThat(currentTransaction()).isEqualTo(before);
            insert("a");
            status.setRollbackOnly();
        });
        assertThat(rows()).isEmpty();
        assertThat(jms.receiveAndConvert()).isEqualTo("first");
        assertNoMessage();
    }

    private String currentTransaction() {
        return jdbc.queryForObject("SELECT pg_current_xact_id()::text", String.class);
    }

    @Test
    void anInnerTransactionIsIndependent() {
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("outer");
            inner.executeWithoutResult(status -> jms.convertAndSend("inner"));
            outer.setRollbackOnly();
        });
        assertThat(jms.receiveAndConvert()).isEqualTo("inner");
        assertNoMessage();
    }

    @Test
    void anInnerRollbackLeavesTheOuterTransaction() {
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("outer");
            inner.executeWithoutResult(status -> {
                jms.convertAndSend("inner");
                status.setRollbackOnly();
            });
        });
        assertThat(jms.receiveAndConvert()).isEqualTo("outer");
        assertNoMessage();
    }

    @Test
    void aNestedTransactionRollsBackToItsSavepoint() {
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("outer");
            nested.executeWithoutResult(status -> {
                jms.convertAndSend("nested");
                status.setRollbackOnly();
            });
        });
        assertThat(jms.receiveAndConvert()).isEqualTo("outer");
        assertNoMessage();
    }

    @Test
    void onePooledConnectionIsEnough() {
        try (HikariDataSource single = new HikariDataSource()) {
            single.setJdbcUrl(pool.getJdbcUrl());
            single.setMaximumPoolSize(1);
            single.setConnectionTimeout(2_000);
            JdbcTemplate singleJdbc = new JdbcTemplate(single);
            TransactionTemplate singleTransaction = new TransactionTemplate(new DataSourceTransactionManager(single));
            try (SqlmqConnectionFactory own = new SqlmqConnectionFactory(single)) {
                JmsTemplate singleJms = template(own);
                for (int i = 0; i < 5; i++) {
                    String id = "m" + i;
                    singleTransaction.executeWithoutResult(status -> {
                        singleJdbc.update("INSERT INTO " + table + " VALUES (?)", id);
                        singleJms.convertAndSend(id);
                    });
                    assertThat(singleTransaction.<Object>execute(status -> singleJms.receiveAndConvert()))
                            .isEqualTo(id);
                }
            }
        }
        assertThat(rows()).hasSize(5);
    }

    @Test
    void cachedSessionsJoinEachTransactionAnew() {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        JmsTemplate cached = template(caching);
        for (int i = 0; i < 6; i++) {
            String text = "m" + i;
            boolean rollBack = i % 2 == 1;
            transaction.executeWithoutResult(status -> {
                cached.convertAndSend(text);
                if (rollBack) {
                    status.setRollbackOnly();
                }
            });
        }
        for (String text : List.of("m0", "m2", "m4")) {
            assertThat(cached.receiveAndConvert()).isEqualTo(text);
        }
        caching.destroy();
        assertNoMessage();
    }

    @Test
    void aContainerReceivesInTheTransactionOfItsListener() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger failures = new AtomicInteger();
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setConnectionFactory(factory);
        container.setDestination(queue);
        container.setTransactionManager(manager);
        container.setReceiveTimeout(200);
        container.setErrorHandler(error -> {});
        container.setMessageListener((jakarta.jms.MessageListener) message -> {
            insert("row " + failures.get());
            seen.add("row " + failures.get());
            if (failures.getAndIncrement() == 0) {
                throw new IllegalArgumentException("on purpose");
            }
        });
        container.afterPropertiesSet();
        container.start();
        jms.convertAndSend("a");
        await().untilAsserted(() -> assertThat(rows()).containsExactly("row 1"));
        container.shutdown();
        assertThat(seen).containsExactly("row 0", "row 1");
        assertNoMessage();
    }

    @Test
    void noConnectionStaysInTransactionWhileASessionIsIdle() {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        JmsTemplate cached = template(caching);
        cached.setSessionTransacted(true);
        transaction.executeWithoutResult(status -> cached.convertAndSend("a"));
        assertThat(cached.receiveAndConvert()).isEqualTo("a");
        await().untilAsserted(() -> assertThat(jdbc.queryForObject(
                        "SELECT count(*) FROM pg_stat_activity"
                                + " WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
                        Integer.class))
                .isZero());
        caching.destroy();
    }
}
