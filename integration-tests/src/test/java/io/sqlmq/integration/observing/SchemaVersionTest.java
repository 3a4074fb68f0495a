package io.sqlmq.integration.observing;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What asks for the version again and again, as health checks do, must leave the connections of sessions as they are. */
@Timeout(60)
class SchemaVersionTest extends IntegrationTest {
    private static final String NAME = "version-asked";

    private Set<String> backends() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE '" + NAME + "%'")) {
            Set<String> pids = new HashSet<>();
            while (rows.next()) {
                pids.add(rows.getString(1));
            }
            return pids;
        }
    }

    @Test
    void theVersionIsAskedForWithoutLendingThePool() throws Exception {
        SqlmqConnectionFactory asked = factory("applicationName=" + NAME);
        send("one");
        try (Session session = session(asked, Session.AUTO_ACKNOWLEDGE)) {
            assertThat(text(receive(consumer(session, queue)))).isEqualTo("one");
        }
        Set<String> before = backends();
        assertThat(asked.schemaVersion()).matches("\\d+");
        assertThat(before).isNotEmpty();
        assertThat(backends()).containsAll(before);
        asked.getDataSource(); // which lends it, and shows that the above would have been seen
        Awaitility.await().until(() -> !backends().containsAll(before));
    }
}
