package io.sqlmq.tck.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.tck.SqlmqOnlyTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** A claim whose plan was made while the tables were empty must still use its indexes when they are full. */
class ClaimPlanTest extends SqlmqOnlyTest {

    private static final int ROWS = 1_000_000;

    @Test
    void aPlanMadeForAnEmptyTableNeverScansAFullOne() throws Exception {
        factory.createConnection().close(); // creates the tables
        try (Connection connection = DriverManager.getConnection(url);
                Statement sql = connection.createStatement()) {
            for (int i = 0; i < 10; i++) {
                claimAndAcknowledge(sql, 0);
            }
            sql.execute("ALTER TABLE mq_msgs SET (autovacuum_enabled = false)"); // its scans are not the claim's
            sql.execute("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                    + "', 'x' FROM generate_series(1, " + ROWS + ")");
            long scans = sequentialScans(sql);
            for (int i = 0; i < 10; i++) {
                claimAndAcknowledge(sql, 100);
            }
            assertThat(sequentialScans(sql)).isEqualTo(scans);
            assertThat(number(sql, "SELECT count(*) FROM mq_msgs")).isEqualTo(ROWS - 1_000);
        }
    }

    private void claimAndAcknowledge(Statement sql, int expected) throws SQLException {
        long acknowledged = number(
                sql,
                "SELECT mq_ack(coalesce(array_agg(row_tid), '{}'), '{}', false) FROM mq_claim('" + queue
                        + "', 100, '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false)");
        assertThat(acknowledged).isEqualTo(expected);
    }

    /** Those that the session itself has done so far are told without waiting for the statistics of others. */
    private static long sequentialScans(Statement sql) throws SQLException {
        sql.execute("SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()");
        return number(sql, "SELECT seq_scan FROM pg_stat_user_tables WHERE relid = 'mq_msgs'::regclass");
    }

    private static long number(Statement sql, String query) throws SQLException {
        try (ResultSet rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
