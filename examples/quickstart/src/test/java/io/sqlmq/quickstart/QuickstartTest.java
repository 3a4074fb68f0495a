package io.sqlmq.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One run of the whole program, kill included, seen from the database by queries of the test's own. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuickstartTest {
    private static final int ORDERS = 200;
    private static final int NOT_JSON = ORDERS + 1;

    @TempDir
    private static Path directory;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private SqlmqEmbedded server;
    private Connection sql;
    private int exitCode;

    @BeforeAll
    void run() throws IOException, SQLException {
        List<String> lines = new ArrayList<>(SampleOrders.lines(ORDERS));
        lines.add("an order, but not in JSON");
        Path input = Files.write(directory.resolve("orders.jsonl"), lines);
        server = SqlmqEmbedded.start(EmbeddedOptions.defaults().fsync(true));
        exitCode = Quickstart.execute(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--url=" + server.jdbcUrl(),
                "--input=" + input,
                "--listeners=3",
                "--work=20",
                "--patience=30");
        sql = new Database(server.jdbcUrl()).connect();
    }

    @AfterAll
    void stop() throws SQLException {
        try (SqlmqEmbedded ended = server) {
            sql.close();
        }
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private List<Integer> integers(String select) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            List<Integer> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getInt(1));
            }
            return found;
        }
    }

    private static Stream<Integer> numbers(boolean bad) {
        return IntStream.rangeClosed(1, ORDERS).boxed().filter(number -> SampleOrders.isBad(number) == bad);
    }

    @Test
    void findsItsAccountRight() {
        assertThat(output()).contains("Right: each order").doesNotContain("WRONG");
        assertThat(exitCode).isZero();
    }

    @Test
    void processesEachGoodOrderOnce() throws SQLException {
        assertThat(integers("SELECT order_no FROM order_results ORDER BY order_no"))
                .containsExactlyElementsOf(numbers(false).toList());
    }

    @Test
    void findsEachBadOrderInTheDeadLetterQueueAfterFiveAttempts() throws SQLException {
        assertThat(integers("SELECT (properties->>'order_no')::integer FROM mq_dead_letters"
                        + " WHERE queue = 'DLQ' AND origin = 'orders' AND attempts = 5"
                        + " AND error LIKE '%OrderRejectedException: %' AND reason <> '' ORDER BY 1"))
                .containsExactlyElementsOf(
                        Stream.concat(numbers(true), Stream.of(NOT_JSON)).toList());
        assertThat(integers("SELECT count(*) FROM mq_dead_letters")).containsExactly(5);
    }

    @Test
    void killsAProcessAtWorkAndAnotherTakesOver() throws SQLException {
        List<Integer> held = integers("SELECT a.order_no FROM order_attempts a WHERE a.error IS NULL AND NOT EXISTS"
                + " (SELECT FROM order_results r WHERE r.order_no = a.order_no AND r.consumer = a.consumer)");
        assertThat(held).isNotEmpty();
        assertThat(output()).contains("(SIGKILL)").contains("was working on this many orders: " + held.size() + ".");
        assertThat(integers("SELECT count(DISTINCT consumer) FROM order_attempts"))
                .first()
                .satisfies(consumers -> assertThat(consumers).isGreaterThan(2));
    }

    @Test
    void accountSeesWhatIsWrong() throws SQLException {
        assertThat(contradicted("DELETE FROM order_results WHERE order_no = 1"))
                .containsExactly("Each order has a result or is a dead letter");
        assertThat(contradicted("INSERT INTO order_results VALUES (25, 'A-100025', 1, 'consumer-1')"))
                .containsExactly("None is both");
        assertThat(contradicted(
                        "INSERT INTO order_attempts (order_no, delivery, consumer) VALUES (1, 2, 'consumer-1')"))
                .contains("None was delivered again after its result");
        assertThat(contradicted("SELECT mq_send('orders', '{}')")).containsExactly("The queue is empty");
        assertThat(contradicted("UPDATE order_attempts SET started_at = started_at - interval '1 min'"
                        + " WHERE order_no = " + NOT_JSON + " AND delivery = 5"))
                .containsExactly("None was tried again before its time");
    }

    /** The claims that do not hold after the change, which is undone. */
    private List<String> contradicted(String change) throws SQLException {
        sql.setAutoCommit(false);
        try (Statement statement = sql.createStatement()) {
            statement.execute(change);
            return Account.of(NOT_JSON, sql).checks().stream()
                    .filter(check -> !check.holds())
                    .map(Account.Check::claim)
                    .toList();
        } finally {
            sql.rollback();
            sql.setAutoCommit(true);
        }
    }

    @Test
    void statementsForTheUserWork() throws SQLException {
        try (Statement statement = sql.createStatement()) {
            for (String select : Report.SELECTS) {
                assertThat(output()).contains(select);
                assertThatCode(() -> statement.execute(select)).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void refusesAnInputThatIsTooSmallForTheKill() throws IOException {
        Path small = Files.write(directory.resolve("small.jsonl"), SampleOrders.lines(10));
        assertThat(Quickstart.execute(System.out, "--input=" + small)).isEqualTo(2);
    }
}
