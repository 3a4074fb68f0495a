package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * An outage begins and ends while a statement of {@code receive} is on its way, so all is well again when that fails: the
 * application must not hear of it, nor wait for a message that is there.
 */
@Tag("faults")
@Timeout(120)
class BriefOutageTest extends IntegrationTest {

    /** Its next connection for one thread comes when an outage is over, and is not one. */
    private static final class Interrupted extends DelegatingDataSource {
        private final Thread receiver = Thread.currentThread();
        private final CountDownLatch began = new CountDownLatch(1);
        private boolean armed;
        private SqlmqConnectionFactory factory;

        Interrupted(String url) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(url);
            setTargetDataSource(source);
        }

        @Override
        public java.sql.Connection getConnection() throws SQLException {
            if (armed && Thread.currentThread() == receiver) {
                armed = false;
                try (java.sql.Connection other = super.getConnection()) {
                    other.createStatement()
                            .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
                }
                try {
                    assertThat(began.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                await().untilAsserted(() -> assertThatCode(factory::checkHealth).doesNotThrowAnyException());
                throw new SQLException("An I/O error occurred while sending to the backend.", "08006");
            }
            return super.getConnection();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED, 4})
    void whoReceivesDoesNotHearOfIt(int mode) throws Exception {
        Interrupted source = new Interrupted(url);
        SqlmqOptions options = new SqlmqOptions();
        options.setReconnectGrace(0);
        try (SqlmqConnectionFactory interrupted = new SqlmqConnectionFactory(source, options);
                Connection connection = interrupted.createConnection()) {
            source.factory = interrupted;
            connection.setExceptionListener(e -> source.began.countDown());
            connection.start();
            Session session = connection.createSession(mode);
            MessageConsumer consumer = consumer(session, queue);
            assertNothingComes(consumer);
            send(factory, queue, "one");
            source.armed = true;
            assertThat(text(consumer.receive(SOON))).isEqualTo("one");
            assertThat(source.armed).isFalse();
        }
    }
}
