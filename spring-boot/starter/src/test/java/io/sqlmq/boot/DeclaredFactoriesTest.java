package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.DelegatingConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/** Connection factories that applications declare, in every way that they do. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class DeclaredFactoriesTest {

    /** Fails at its first attempt, after what must not stay then. */
    abstract static class Listening {
        final AtomicInteger attempts = new AtomicInteger();

        @Autowired
        JdbcTemplate jdbc;

        @Autowired
        JmsTemplate jms;

        @JmsListener(destination = "in")
        void hear(String text) {
            jdbc.update("INSERT INTO heard VALUES (?)", text);
            jms.convertAndSend("out", text);
            if (attempts.incrementAndGet() == 1) {
                throw new IllegalArgumentException("on purpose, the first time");
            }
        }

        static SqlmqConnectionFactory over(DataSource dataSource) {
            SqlmqConnectionFactory factory = new SqlmqConnectionFactory(dataSource);
            factory.getOptions().setInitialRedeliveryDelay(10);
            return factory;
        }

        static JmsPoolConnectionFactory pooled(SqlmqConnectionFactory factory) {
            JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
            pool.setConnectionFactory(factory);
            return pool;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain extends Listening {
        @Bean
        static ConnectionFactory connections(DataSource dataSource) {
            return over(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Cached extends Listening {
        @Bean
        static ConnectionFactory connections(DataSource dataSource) {
            return new CachingConnectionFactory(over(dataSource));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class CachedByItsName extends Listening {
        @Bean
        static CachingConnectionFactory connections(DataSource dataSource) {
            return new CachingConnectionFactory(over(dataSource));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Pooled extends Listening {
        @Bean(destroyMethod = "stop")
        static JmsPoolConnectionFactory connections(DataSource dataSource) {
            return pooled(over(dataSource));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BehindItsCache extends Listening {
        @Bean
        static SqlmqConnectionFactory inner(DataSource dataSource) {
            return over(dataSource);
        }

        @Bean
        @Primary
        static CachingConnectionFactory connections(SqlmqConnectionFactory inner) {
            return new CachingConnectionFactory(inner);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Declared extends Listening {
        @Bean
        static SqlmqConnectionFactory connections(DataSource dataSource) {
            return over(dataSource);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Hidden {
        @Bean
        static ConnectionFactory connections(DataSource dataSource) {
            DelegatingConnectionFactory hiding = new DelegatingConnectionFactory();
            hiding.setTargetConnectionFactory(Listening.over(dataSource));
            return hiding;
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Plain.class,
                Cached.class,
                CachedByItsName.class,
                Pooled.class,
                BehindItsCache.class,
                Declared.class
            })
    void aListenerIsOneTransactionWithTheData(Class<? extends Listening> application, CapturedOutput output) {
        String url = Databases.create();
        Databases.execute(url, "CREATE TABLE heard (text text)");
        try (ConfigurableApplicationContext app = App.start(application, App.url(url), App.NO_JPA)) {
            app.getBean(JmsTemplate.class).convertAndSend("in", "one");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .containsExactly("out"));
            assertThat(Databases.query(url, "SELECT text FROM heard")).containsExactly("one");
            assertThat(app.getBean(application).attempts).hasValue(2);
            assertThat(app.getBean(JmsListenerEndpointRegistry.class).getListenerContainers())
                    .singleElement()
                    .satisfies(container -> assertThat(
                                    ((DefaultMessageListenerContainer) container).getConnectionFactory())
                            .isInstanceOf(SqlmqConnectionFactory.class));
        }
        boolean declared = application == BehindItsCache.class || application == Declared.class;
        assertThat(output.getAll().split("The connection factory connections \\(", -1))
                .hasSize(declared ? 1 : 2);
        if (!declared) {
            assertThat(output).contains("Declare it as SqlmqConnectionFactory");
        }
    }

    @Test
    void whatHidesItIsNamed(CapturedOutput output) {
        String url = App.url(Databases.create());
        App.start(Hidden.class, url, App.NO_JPA).close();
        assertThat(output)
                .contains("the connection factory connections (" + DelegatingConnectionFactory.class.getName() + ")")
                .contains("declare it as SqlmqConnectionFactory")
                .contains("sqlmq.enabled=false");
    }

    @Test
    void whoSwitchesItOffIsNotTold(CapturedOutput output) {
        App.start(Hidden.class, App.url(Databases.create()), App.NO_JPA, "sqlmq.enabled=false")
                .close();
        assertThat(output).doesNotContain("connection factory connections");
    }
}
