package io.sqlmq.integration.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A claim of groups reads little, however many rows and groups there are and whatever the tables held when it was planned. */
@Tag("slow")
@Timeout(180)
class GroupClaimPlanTest extends IntegrationTest {

    private static final int ROWS = 100_000;
    private static final int CLAIMS = 20;
    private static final int LIMIT = 100;

    // What this connection did, in a transaction: none of it is reported before its end.
    private static final String SCANS = "SELECT pg_stat_get_xact_numscans('mq_msgs'::regclass)";
    private static final String ENTRIES_READ =
            "SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = 'mq_msgs'::regclass";

    @ParameterizedTest
    @ValueSource(ints = {ROWS, 3})
    void aClaimOfGroupsReadsLittleOfAFullTable(int groups) throws Exception {
        factory.createConnection().close(); // creates the tables
        try (Connection first = DriverManager.getConnection(url);
                Connection second = DriverManager.getConnection(url);
                Statement ordered = first.createStatement();
                Statement sql = second.createStatement()) {
            for (int i = 0; i < 10; i++) {
                assertThat(claim(ordered, true)).isZero();
                assertThat(claim(sql, false)).isZero();
            }
            sql.execute("TRUNCATE mq_msgs");
            sql.execute("ALTER TABLE mq_msgs SET (autovacuum_enabled = false)"); // its scans are not the claim's
            sql.execute("INSERT INTO mq_msgs (id, channel_name, payload_text, grp, slot) SELECT gen_random_uuid(), '"
                    + queue + "', 'x', 'g' || g, mq_slot('g' || g) FROM (SELECT i % " + groups
                    + " AS g FROM generate_series(1, " + ROWS + ") i) r");
            // Something waits, so that every row has to be looked at: one leased message in a thousand.
            sql.execute("UPDATE mq_msgs SET attempt_at = now() + interval '1 h', lease_owner = 1, lease_token = 1"
                    + " WHERE id IN (SELECT id FROM mq_msgs ORDER BY seq DESC LIMIT "
                    + (groups > 1_000 ? 1_000 : 1) + ")");
            assertClaimsReadLittle(ordered, true);
            assertClaimsReadLittle(sql, false);
        }
    }

    private void assertClaimsReadLittle(Statement sql, boolean inOrder) throws SQLException {
        long read = 0;
        long claimed = 0;
        Connection connection = sql.getConnection();
        connection.setAutoCommit(false);
        for (int i = 0; i < CLAIMS; i++) {
            long scans = number(sql, SCANS);
            read -= number(sql, ENTRIES_READ);
            claimed += claim(sql, inOrder);
            assertThat(number(sql, SCANS)).isEqualTo(scans);
            read += number(sql, ENTRIES_READ);
            connection.commit();
        }
        assertThat(claimed).isGreaterThan(CLAIMS * 20L);
        assertThat(read).isBetween(claimed, CLAIMS * 12_000L);
    }

    private long claim(Statement sql, boolean inOrder) throws SQLException {
        return number(
                sql,
                "SELECT mq_ack('" + queue + "', coalesce(array_agg(row_tid), '{}'), '{}', false) FROM mq_claim('"
                        + queue + "', " + LIMIT + ", '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false, '{0}', "
                        + inOrder + ")");
    }

    private static long number(Statement sql, String query) throws SQLException {
        try (ResultSet rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
