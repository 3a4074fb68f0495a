package io.sqlmq.integration.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SpringListenerContainerFactory;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import jakarta.jms.ConnectionFactory;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.annotation.EnableJms;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/** The Spring example of README.md. */
@SqlmqTest
@Timeout(60)
class SpringExampleTest {

    @Configuration
    @EnableJms
    @EnableTransactionManagement
    static class Messaging {
        @Bean
        SqlmqConnectionFactory connectionFactory(DataSource dataSource) {
            return new SqlmqConnectionFactory(dataSource);
        }

        @Bean
        SqlmqTransactionManager transactionManager(SqlmqConnectionFactory connections) {
            return new SqlmqTransactionManager(connections);
        }

        @Bean
        SpringListenerContainerFactory jmsListenerContainerFactory(
                ConnectionFactory connections, PlatformTransactionManager transactions) {
            SpringListenerContainerFactory containers = new SpringListenerContainerFactory();
            containers.setConnectionFactory(connections);
            containers.setTransactionManager(transactions);
            return containers;
        }

        @Bean
        JmsTemplate jmsTemplate(ConnectionFactory connections) {
            return new JmsTemplate(connections);
        }

        @Bean
        JdbcTemplate jdbcTemplate(DataSource dataSource) {
            return new JdbcTemplate(dataSource);
        }
    }

    static class Orders {
        private final JdbcTemplate jdbc;
        private final JmsTemplate jms;

        Orders(JdbcTemplate jdbc, JmsTemplate jms) {
            this.jdbc = jdbc;
            this.jms = jms;
        }

        @Transactional
        public void place(String order) {
            jms.convertAndSend("orders", order);
            jdbc.update("INSERT INTO placed VALUES (?)", order);
        }

        @JmsListener(destination = "orders")
        public void pack(String order) {
            jdbc.update("INSERT INTO parcel VALUES (?)", order);
        }
    }

    @Test
    void sendsAndReceivesTakePartInTheTransaction(DataSource dataSource) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        jdbc.execute("CREATE TABLE placed (content text PRIMARY KEY)");
        jdbc.execute("CREATE TABLE parcel (content text)");
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.registerBean("dataSource", DataSource.class, () -> dataSource);
            context.register(Messaging.class, Orders.class);
            context.refresh();
            Orders orders = context.getBean(Orders.class);
            orders.place("42 apples");
            assertThatThrownBy(() -> orders.place("42 apples")).isInstanceOf(DuplicateKeyException.class);
            orders.place("43 pears");
            await().untilAsserted(() -> assertThat(
                            jdbc.queryForList("SELECT content FROM parcel ORDER BY content", String.class))
                    .isEqualTo(List.of("42 apples", "43 pears")));
            await().untilAsserted(() -> assertThat(jdbc.queryForObject("SELECT count(*) FROM mq_messages", Long.class))
                    .isZero());
        }
    }
}
