package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SpringListenerContainer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.sql.Connection;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** Why a delivery failed stands with the message, also where the transaction in which that was noted is rolled back. */
@Timeout(60)
class ErrorTextsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String DEAD = "dead";

    private final HikariDataSource pool = new HikariDataSource();
    private final String queue = "texts-" + UUID.randomUUID();
    private SqlmqConnectionFactory factory;
    private JmsTemplate jms;

    @BeforeEach
    void open() {
        pool.setJdbcUrl(SqlmqEmbedded.named("texts").jdbcUrl());
        factory = new SqlmqConnectionFactory(pool);
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        factory.getOptions().setDeadLetterQueue(DEAD);
        jms = new JmsTemplate(factory);
        jms.setReceiveTimeout(10_000);
    }

    @AfterEach
    void close() {
        factory.close();
        pool.close();
    }

    private String error(String channel) {
        return new JdbcTemplate(pool)
                        .query(
                                "SELECT last_error FROM mq_msgs WHERE channel_name = ? AND last_error IS NOT NULL",
                                (row, n) -> row.getString(1),
                                channel)
                        .stream()
                        .findFirst()
                        .orElse(null);
    }

    private void fail(String text) {
        new TransactionTemplate(new DataSourceTransactionManager(pool)).executeWithoutResult(status -> {
            Message message = jms.receive(queue);
            assertThat(message).isNotNull();
            note(message, text);
            status.setRollbackOnly();
        });
    }

    private static void note(Message message, String text) {
        try {
            SqlmqTransactions.noteFailure(message, new IllegalArgumentException(text));
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<Arguments> policies() {
        return Stream.of(0L, 60_000L)
                .flatMap(delay -> Stream.of(null, "group").map(group -> Arguments.of(delay, group)));
    }

    /** Nobody claims it in the meantime, unless it is one of a group, which waits for the lock of that. */
    @ParameterizedTest
    @MethodSource("policies")
    void aNoteInAJoinedTransactionReachesTheRow(long delay, String group) {
        factory.getOptions().setInitialRedeliveryDelay(delay);
        jms.convertAndSend(queue, "m", message -> {
            if (group != null) {
                message.setStringProperty("JMSXGroupID", group);
            }
            return message;
        });
        fail("why not");
        if (group != null) {
            jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
            await().atMost(PATIENCE).untilAsserted(() -> {
                new TransactionTemplate(new DataSourceTransactionManager(pool)).executeWithoutResult(status -> {
                    assertThat(jms.receive(queue) == null).isEqualTo(delay > 0);
                    status.setRollbackOnly();
                });
                assertThat(error(queue)).contains("why not");
            });
        } else {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(error(queue)).contains("why not"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void theLastTextIsWithTheDeadLetter(long delay) throws JMSException {
        factory.getOptions().setInitialRedeliveryDelay(delay);
        factory.getOptions().setRedeliveryDelay(delay);
        factory.getOptions().setMaximumRedeliveries(2);
        jms.convertAndSend(queue, "m");
        for (int i = 1; i <= 3; i++) {
            fail("reason " + i);
        }
        Message dead = deadLetter();
        assertThat(dead.getStringProperty("JMS_SQLMQ_DeadLetterError")).contains("reason 3");
        assertThat(dead.getStringProperty("JMS_SQLMQ_DeadLetterReason")).isNotNull();
    }

    /** The dead-letter queue is shared by the tests of this class. */
    private Message deadLetter() {
        jms.setReceiveTimeout(10_000);
        Message dead = jms.receiveSelected(DEAD, "JMS_SQLMQ_DeadLetterOrigin = '" + queue + "'");
        assertThat(dead).isNotNull();
        return dead;
    }

    /** The end of such a transaction is not told: who claims the message counts. */
    @Test
    void aNoteInATransactionJoinedByHandReachesTheRow() throws Exception {
        factory.getOptions().setInitialRedeliveryDelay(60_000);
        jms.convertAndSend(queue, "m");
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (SqlmqTransactions.Scope scope = SqlmqTransactions.join(connection)) {
                note(jms.receive(queue), "why not");
            }
            connection.rollback();
        }
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertThat(jms.receive(queue)).isNull();
        assertThat(error(queue)).contains("why not");
    }

    enum Transactions {
        MANAGED,
        OF_THE_SESSION
    }

    static Stream<Transactions> transactions() {
        return Stream.of(Transactions.values());
    }

    @ParameterizedTest
    @MethodSource("transactions")
    void aListenersExceptionIsWithTheDeadLetter(Transactions transactions) throws JMSException {
        factory.getOptions().setMaximumRedeliveries(0);
        Consumer<Message> failing = message -> {
            throw new IllegalArgumentException("the listener's reason");
        };
        SpringListenerContainer container = new SpringListenerContainer();
        container.setConnectionFactory(factory);
        container.setDestinationName(queue);
        if (transactions == Transactions.MANAGED) {
            container.setTransactionManager(new DataSourceTransactionManager(pool));
        } else {
            container.setSessionTransacted(true);
        }
        container.setReceiveTimeout(500);
        container.setErrorHandler(error -> {});
        container.setMessageListener((jakarta.jms.MessageListener) failing::accept);
        container.afterPropertiesSet();
        container.start();
        try {
            jms.convertAndSend(queue, "m");
            assertThat(deadLetter().getStringProperty("JMS_SQLMQ_DeadLetterError"))
                    .contains("the listener's reason");
        } finally {
            container.shutdown();
        }
    }
}
