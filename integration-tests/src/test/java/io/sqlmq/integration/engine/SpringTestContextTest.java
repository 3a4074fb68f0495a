package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.Purge;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

/**
 * {@code @SqlmqTest} together with contexts of Spring's tests, as the README promises it. This Spring needs JUnit 6, which the
 * users of the annotation may have, too: the classes below run with it in a JVM of their own. The build copies it to
 * {@code target/junit-6}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SpringTestContextTest {

    @Configuration
    static class Application {

        @Bean
        SqlmqConnectionFactory connectionFactory(Environment environment) {
            return new SqlmqConnectionFactory(environment.getRequiredProperty("orders.url"));
        }

        @Bean
        BlockingQueue<Message> heard() {
            return new LinkedBlockingQueue<>();
        }

        @Bean
        JmsTemplate template(ConnectionFactory factory) {
            JmsTemplate template = new JmsTemplate(factory);
            template.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
            return template;
        }

        @Bean
        DefaultMessageListenerContainer listeners(ConnectionFactory factory, BlockingQueue<Message> heard) {
            DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
            container.setConnectionFactory(factory);
            container.setDestinationName("orders");
            container.setSessionTransacted(true);
            container.setMessageListener((MessageListener) heard::add);
            return container;
        }
    }

    /** A context with a listener that is at work all the time, and what is the same in all classes. */
    abstract static class Messaging {

        @Autowired
        JmsTemplate template;

        @Autowired
        BlockingQueue<Message> heard;

        void sendsAndHears() throws Exception {
            template.convertAndSend("orders", "one");
            Message message = heard.poll(30, TimeUnit.SECONDS);
            assertThat(message).isNotNull();
            assertThat(message.getBody(String.class)).isEqualTo("one");
        }

        void isOnTheDatabaseOf(DataSource dataSource) throws Exception {
            template.convertAndSend("others", "two");
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet rows =
                            statement.executeQuery("SELECT payload_text FROM mq_msgs WHERE channel_name = 'others'")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("two");
                assertThat(rows.next()).isFalse();
            }
        }
    }

    /** As the README shows it. */
    @SqlmqTest
    @SpringJUnitConfig(Application.class)
    static class Documented extends Messaging {

        @JdbcUrl
        static String url;

        @DynamicPropertySource
        static void database(DynamicPropertyRegistry registry) {
            registry.add("orders.url", () -> url);
        }

        @Test
        void theContextIsOnTheDatabaseOfTheClass(DataSource dataSource) throws Exception {
            sendsAndHears();
            isOnTheDatabaseOf(dataSource);
        }

        @Nested
        class OfTheSameContext {
            @Test
            void worksOnIt() throws Exception {
                sendsAndHears();
            }
        }
    }

    /** Spring first, and an instance made before anything else is called. */
    @SpringJUnitConfig(Application.class)
    @SqlmqTest
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @DirtiesContext
    static class OneInstance extends Messaging {

        @JdbcUrl
        static String url;

        @DynamicPropertySource
        static void database(DynamicPropertyRegistry registry) {
            registry.add("orders.url", () -> url);
        }

        @Test
        void theContextIsOnTheDatabaseOfTheClass(DataSource dataSource) throws Exception {
            sendsAndHears();
            isOnTheDatabaseOf(dataSource);
        }
    }

    /** What a project has for all its tests: those that inherit it have one context, which Spring keeps. */
    @SqlmqTest(purge = Purge.Time.EACH_TEST)
    @SpringJUnitConfig(Application.class)
    abstract static class Inherited extends Messaging {

        private static final Set<ApplicationContext> CONTEXTS = new HashSet<>();

        @JdbcUrl
        static String url;

        @DynamicPropertySource
        static void database(DynamicPropertyRegistry registry) {
            registry.add("orders.url", () -> url);
        }

        @AfterAll
        static void allHadOneContext() {
            assertThat(CONTEXTS).hasSize(1);
        }

        @Test
        void one(@Autowired ApplicationContext context, DataSource dataSource) throws Exception {
            findsAllEmpty(context, dataSource);
        }

        @Test
        void two(@Autowired ApplicationContext context, DataSource dataSource) throws Exception {
            findsAllEmpty(context, dataSource);
        }

        private void findsAllEmpty(ApplicationContext context, DataSource dataSource) throws Exception {
            CONTEXTS.add(context);
            assertThat(template.receive("others")).isNull();
            isOnTheDatabaseOf(dataSource);
            sendsAndHears();
        }
    }

    static class FirstThatInherits extends Inherited {}

    static class SecondThatInherits extends Inherited {

        @Test
        void worksWithAFactoryOfTheClass(ConnectionFactory factory) {
            template.convertAndSend("others", "three");
            await().untilAsserted(() -> assertThat(new JmsTemplate(factory).receiveAndConvert("others"))
                    .isEqualTo("three"));
        }
    }

    private static final List<Class<?>> CLASSES =
            List.of(Documented.class, OneInstance.class, FirstThatInherits.class, SecondThatInherits.class);

    @Test
    void contextsWorkOnTheDatabaseOfTheirClassesUntilTheJvmEnds() throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dsqlmq.test.url=" + System.getProperty("sqlmq.test.url", ""),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                Stream.concat(
                                Arrays.stream(System.getProperty("java.class.path")
                                                .split(File.pathSeparator))
                                        .filter(entry -> !entry.matches(".*[/\\\\]junit-(jupiter|platform)-[^/\\\\]*")),
                                junit6())
                        .collect(Collectors.joining(File.pathSeparator)),
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-banner",
                "--disable-ansi-colors"));
        for (Class<?> type : CLASSES) {
            command.add("--select-class=" + type.getName());
        }
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as(output).isZero();
        assertThat(output).contains("8 tests successful").doesNotContain("WARN").doesNotContain("ERROR");
    }

    private static Stream<String> junit6() {
        String[] jars = Path.of("target", "junit-6").toFile().list();
        assertThat(jars).as("target/junit-6").hasSize(1);
        return Stream.of(Path.of("target", "junit-6", jars[0]).toString());
    }
}
