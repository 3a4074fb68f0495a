package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What health checks ask must be asked of the database. */
@Tag("faults")
@Timeout(180)
class HealthTest {

    /** As Spring Boot's JmsHealthIndicator does. */
    private static String springBootAsks(ConnectionFactory factory) throws JMSException {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            return connection.getMetaData().getJMSProviderName();
        }
    }

    @Test
    void aDatabaseThatIsDownIsSaidSoAndSoIsItsReturn(@TempDir Path data) throws Exception {
        try (RestartableServer server = RestartableServer.start(data);
                SqlmqConnectionFactory factory =
                        new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate")) {
            factory.checkHealth();
            assertThat(springBootAsks(factory)).isEqualTo("sqlmq");

            server.stop();
            for (int i = 0; i < 2; i++) {
                long start = System.nanoTime();
                assertThatThrownBy(() -> springBootAsks(factory)).isInstanceOf(JMSException.class);
                assertThatThrownBy(factory::checkHealth).isInstanceOf(JMSException.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
            }
            // To make and start a connection needs no database: applications come back by themselves.
            factory.createConnection().close();

            server.startAgain();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThatCode(factory::checkHealth).doesNotThrowAnyException());
            assertThat(springBootAsks(factory)).isEqualTo("sqlmq");
        }
    }

    @Test
    void aReadOnlyDatabaseTakesNoWork(@TempDir Path data) throws Exception {
        try (RestartableServer server = RestartableServer.start(data);
                SqlmqConnectionFactory first =
                        new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate")) {
            first.checkHealth();
            try (java.sql.Connection database = DriverManager.getConnection(server.jdbcUrl());
                    Statement statement = database.createStatement()) {
                statement.execute("ALTER DATABASE postgres SET default_transaction_read_only = on");
            }
            try (SqlmqConnectionFactory readOnly =
                    new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=none")) {
                assertThatThrownBy(readOnly::checkHealth)
                        .isInstanceOf(JMSException.class)
                        .hasMessageContaining("read-only");
            }
        }
    }
}
