package io.sqlmq.integration.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.testing.Async;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The functions alone, called by many transactions that do at random what consumers do with rows of few groups:
 * acknowledge, give back at once or for later, lease, let go, break off.
 */
@Timeout(120)
class GroupClaimRaceTest extends IntegrationTest {

    private static final int WORKERS = 6;
    private static final int GROUPS = 12;
    private static final int EACH = 40;

    private final WorkLog log = new WorkLog();

    private void fill() throws Exception {
        factory.createConnection().close(); // creates the tables
        sql("SELECT mq_send('" + queue + "', g || '/' || n, jsonb_build_object('JMSXGroupID', 'g' || g))"
                + " FROM generate_series(0, " + (EACH - 1)
                + ") n, generate_series(1, " + GROUPS + ") g ORDER BY n, g");
    }

    private record Row(String tid, String id, String group, int number, boolean suspect) {}

    /** One who claims, over and over, until all is done. */
    private final class Worker implements Async.Action {
        private final Random random;
        private final boolean inOrder;
        private final int owner;
        private long token;

        Worker(int number, long seed, boolean inOrder) {
            this.random = new Random(seed * 100 + number);
            this.inOrder = inOrder;
            this.owner = number + 1;
            this.token = number * 1_000_000L;
        }

        @Override
        public void run() throws Exception {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement sql = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (log.finished() < GROUPS * EACH && log.faults().isEmpty()) {
                    work(connection, sql);
                }
            }
        }

        private void work(Connection connection, Statement sql) throws SQLException {
            List<Row> rows = claim(sql, "{}");
            if (rows.stream().anyMatch(Row::suspect)) {
                // Counted and given back, as a consumer does.
                giveBack(sql, rows.stream().filter(Row::suspect).toList(), null, 0);
                connection.commit();
                return;
            }
            Map<String, Integer> last = new HashMap<>();
            for (Row row : rows) {
                log.begin(row.group(), row.number(), this);
                last.put(row.group(), row.number());
            }
            switch (random.nextInt(8)) {
                case 0 -> {
                    last.keySet().forEach(log::giveUp);
                    giveBack(sql, rows, null, 0);
                    connection.commit();
                }
                case 1 -> {
                    last.keySet().forEach(log::giveUp);
                    giveBack(sql, rows, null, 20);
                    connection.commit();
                }
                case 2 -> {
                    last.keySet().forEach(log::giveUp);
                    connection.commit(); // let go, never handed over
                }
                case 3 -> {
                    last.keySet().forEach(log::giveUp);
                    connection.rollback(); // as if the client had died
                }
                case 4, 5 -> workUnderLease(connection, sql, rows, last);
                default -> finish(connection, sql, rows);
            }
        }

        private void finish(Connection connection, Statement sql, List<Row> rows) throws SQLException {
            rows.forEach(row -> log.finish(row.group(), row.number()));
            sql.execute("SELECT mq_ack('" + queue + "', '"
                    + array(rows.stream().map(r -> '"' + r.tid() + '"').toList()) + "', '{}', true)");
            connection.commit();
        }

        private void workUnderLease(Connection connection, Statement sql, List<Row> rows, Map<String, Integer> last)
                throws SQLException {
            token++;
            sql.execute("SELECT mq_lease('" + queue + "', '"
                    + array(rows.stream().map(r -> '"' + r.tid() + '"').toList()) + "', '{}', " + owner + ", " + token
                    + ", 60000)");
            connection.commit();
            // A window goes on with the groups that it has under lease.
            List<Row> more = rows.isEmpty() ? List.of() : claim(sql, "{" + token + "}");
            boolean good = more.stream().noneMatch(Row::suspect);
            if (good) {
                for (Row row : more) {
                    log.begin(row.group(), row.number(), this);
                    last.put(row.group(), row.number());
                }
            }
            if (good && random.nextBoolean()) {
                rows.forEach(row -> log.finish(row.group(), row.number()));
                more.forEach(row -> log.finish(row.group(), row.number()));
                // What is claimed on top is acknowledged before the leases end: until then they keep others away.
                sql.execute("SELECT mq_ack('" + queue + "', '"
                        + array(more.stream().map(r -> '"' + r.tid() + '"').toList()) + "', '{}', true)");
                connection.commit();
                sql.execute("SELECT mq_ack_ids(" + repeated(rows, queue) + ", '"
                        + array(rows.stream().map(Row::id).toList()) + "', " + owner + ", "
                        + repeated(rows, token) + ")");
                connection.commit();
            } else {
                last.keySet().forEach(log::giveUp);
                connection.commit(); // lets go what was claimed on top
                giveBack(sql, rows, token, random.nextBoolean() ? 0 : 10);
                connection.commit();
            }
        }

        private List<Row> claim(Statement sql, String tokens) throws SQLException {
            List<Row> rows = new ArrayList<>();
            try (ResultSet result = sql.executeQuery("SELECT row_tid, id, payload_text, suspect FROM mq_claim('" + queue
                    + "', " + (1 + random.nextInt(5))
                    + ", '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false, '{0}', "
                    + inOrder + ", '" + tokens + "') ORDER BY prio_rank, seq")) {
                while (result.next()) {
                    String[] text = result.getString(3).split("/", -1);
                    rows.add(new Row(
                            result.getString(1),
                            result.getString(2),
                            text[0],
                            Integer.parseInt(text[1]),
                            result.getBoolean(4)));
                }
            }
            return rows;
        }

        private void giveBack(Statement sql, List<Row> rows, Long lease, int delay) throws SQLException {
            String nulls = repeated(rows, "NULL");
            sql.execute("SELECT mq_give_back(" + repeated(rows, queue) + ", '"
                    + array(rows.stream().map(Row::id).toList()) + "', " + repeated(rows, false) + ", "
                    + (lease == null ? nulls : repeated(rows, lease)) + ", " + owner + ", "
                    + repeated(rows, lease == null ? 1 : 0) + ", " + repeated(rows, 1) + ", " + repeated(rows, delay)
                    + ", " + nulls + ", " + nulls + ", NULL)");
        }
    }

    private static String array(List<String> values) {
        return "{" + String.join(",", values) + "}";
    }

    private static String repeated(List<?> rows, Object value) {
        return "'" + array(rows.stream().map(row -> String.valueOf(value)).toList()) + "'";
    }

    private void race(long seed, boolean inOrder) throws Exception {
        fill();
        List<CompletableFuture<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(Async.run(new Worker(i, seed, inOrder)));
        }
        for (CompletableFuture<Boolean> worker : workers) {
            worker.get(100, TimeUnit.SECONDS);
        }
        assertThat(log.faults()).isEmpty();
        assertThat(number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'"))
                .isZero();
        for (int group = 1; group <= GROUPS; group++) {
            assertThat(log.done(Integer.toString(group))).isEqualTo(EACH - 1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whoTakesTheHeadOfTheQueueGetsGroupsInOrder(long seed) throws Exception {
        race(seed, true);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whoTakesFromAnywhereGetsGroupsInOrder(long seed) throws Exception {
        race(seed, false);
    }

    /** Both keep to the slots' locks, also each other's. */
    @Test
    void bothTogetherGetGroupsInOrder() throws Exception {
        fill();
        List<CompletableFuture<Boolean>> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(Async.run(new Worker(i, 3, i % 2 == 0)));
        }
        for (CompletableFuture<Boolean> worker : workers) {
            worker.get(100, TimeUnit.SECONDS);
        }
        assertThat(log.faults()).isEmpty();
        assertThat(log.finished()).isEqualTo(GROUPS * EACH);
    }
}
