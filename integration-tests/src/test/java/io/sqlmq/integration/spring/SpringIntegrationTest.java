package io.sqlmq.integration.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SpringListenerContainer;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.core.MessagingTemplate;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.integration.jms.dsl.Jms;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.messaging.MessageChannel;

/** Flows of Spring Integration whose ends are queues. */
@Timeout(120)
class SpringIntegrationTest {
    private AnnotationConfigApplicationContext context;
    private JdbcTemplate jdbc;
    private JmsTemplate jms;

    @Configuration
    @EnableIntegration
    static class Flows {
        private final Set<String> failed = ConcurrentHashMap.newKeySet();

        @Bean
        HikariDataSource dataSource() {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(SqlmqEmbedded.named("spring-integration").jdbcUrl());
            pool.setMaximumPoolSize(6);
            return pool;
        }

        @Bean
        JdbcTemplate jdbc(DataSource dataSource) {
            return new JdbcTemplate(dataSource);
        }

        @Bean
        SqlmqConnectionFactory jmsConnectionFactory(DataSource dataSource) {
            SqlmqConnectionFactory factory = new SqlmqConnectionFactory(dataSource);
            factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
            factory.getOptions()
                    .setRedeliveryPolicy(RedeliveryPolicy.builder()
                            .initialRedeliveryDelay(10)
                            .redeliveryDelay(10)
                            .maximumRedeliveries(2)
                            .build());
            return factory;
        }

        @Bean
        SqlmqTransactionManager transactionManager(SqlmqConnectionFactory factory) {
            return new SqlmqTransactionManager(factory);
        }

        private static AbstractMessageListenerContainer listening(
                SqlmqConnectionFactory factory, SqlmqTransactionManager transactions, String queue) {
            SpringListenerContainer container = new SpringListenerContainer();
            container.setConnectionFactory(factory);
            container.setTransactionManager(transactions);
            container.setDestinationName(queue);
            container.setConcurrentConsumers(3);
            container.setErrorHandler(error -> {});
            return container;
        }

        /** What it receives is stored and sent on in one transaction. */
        @Bean
        IntegrationFlow storing(
                SqlmqConnectionFactory factory, SqlmqTransactionManager transactions, JdbcTemplate jdbc) {
            return IntegrationFlow.from(Jms.messageDrivenChannelAdapter(listening(factory, transactions, "in")))
                    .handle(String.class, (text, headers) -> {
                        jdbc.update("INSERT INTO stored VALUES (?)", text);
                        return text;
                    })
                    .publishSubscribeChannel(out -> out.subscribe(sending ->
                                    sending.handle(Jms.outboundAdapter(factory).destination("out")))
                            .subscribe(
                                    failing -> failing.handle(message -> fail(String.valueOf(message.getPayload())))))
                    .get();
        }

        private void fail(String text) {
            if (text.startsWith("never") || (text.startsWith("once") && failed.add(text))) {
                throw new IllegalArgumentException("on purpose: " + text);
            }
        }

        @Bean
        IntegrationFlow answering(SqlmqConnectionFactory factory, SqlmqTransactionManager transactions) {
            return IntegrationFlow.from(Jms.inboundGateway(listening(factory, transactions, "questions")))
                    .<String, String>transform(question -> "re " + question)
                    .get();
        }

        @Bean
        IntegrationFlow asking(SqlmqConnectionFactory factory) {
            return flow -> flow.handle(
                    Jms.outboundGateway(factory).requestDestination("questions").receiveTimeout(30_000));
        }
    }

    @BeforeEach
    void start() {
        try (HikariDataSource pool = new Flows().dataSource()) {
            new JdbcTemplate(pool).execute("DROP TABLE IF EXISTS stored; CREATE TABLE stored (content text)");
        }
        context = new AnnotationConfigApplicationContext(Flows.class);
        jdbc = context.getBean(JdbcTemplate.class);
        jms = new JmsTemplate(context.getBean(SqlmqConnectionFactory.class));
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
    }

    @AfterEach
    void stop() {
        context.close();
    }

    private List<String> received(String queue) {
        List<String> received = new ArrayList<>();
        for (Object next = jms.receiveAndConvert(queue); next != null; next = jms.receiveAndConvert(queue)) {
            received.add(String.valueOf(next));
        }
        return received;
    }

    @Test
    void aFlowIsOneTransactionWithItsMessages() throws Exception {
        List<String> texts = IntStream.range(100, 150)
                .mapToObj(i -> (i % 5 == 0 ? "once" : "text") + i)
                .sorted()
                .toList();
        texts.forEach(text -> jms.convertAndSend("in", text));
        jms.convertAndSend("in", "never");
        SqlmqConnectionFactory factory = context.getBean(SqlmqConnectionFactory.class);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> factory.admin().count("out") == texts.size()
                        && factory.admin().count("DLQ") == 1);
        assertThat(jdbc.queryForList("SELECT content FROM stored ORDER BY content", String.class))
                .isEqualTo(texts);
        assertThat(received("out")).containsExactlyInAnyOrderElementsOf(texts);
        assertThat(factory.admin().deadLetters("DLQ", 10)).singleElement().satisfies(letter -> {
            assertThat(letter.attempts()).isEqualTo(3);
            assertThat(letter.error()).contains("on purpose: never");
        });
    }

    @Test
    void gatewaysAskAndAnswer() {
        MessagingTemplate asking = new MessagingTemplate();
        for (int i = 0; i < 20; i++) {
            assertThat(asking.convertSendAndReceive(
                            context.getBean("asking.input", MessageChannel.class), "q" + i, String.class))
                    .isEqualTo("re q" + i);
        }
    }
}
