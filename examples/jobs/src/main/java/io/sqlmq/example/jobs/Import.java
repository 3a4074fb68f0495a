package io.sqlmq.example.jobs;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.job.Jobs;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Spawns jobs on a PostgreSQL of its own, kills the worker process in the middle of one, starts another, and shows that it went on
 * where the first had been.
 */
public final class Import {
    private static final int ROWS = 400;
    private static final long PATIENCE_MILLIS = 60_000;

    private static final String JOBS = """
            SELECT channel_name || ' ' || name || ' ' || payload_json || CASE WHEN lease_owner IS NULL THEN ' waits'
                     ELSE ' is being worked on' END
              FROM mq_msgs ORDER BY seq""";

    /**
     * What became of it.
     *
     * @param rows how many rows were imported of the product in whose import the worker died
     * @param resumedAt where its second attempt began
     * @param news what was announced, in order
     * @param cancelled how many rows there are of the product whose transaction was rolled back
     */
    record Outcome(int rows, int resumedAt, List<String> news, int cancelled) {}

    private Import() {}

    /** Runs it. The exit code is 0 if nothing was lost and nothing done twice. */
    public static void main(String[] arguments) throws Exception {
        Outcome outcome = run();
        System.out.println("The second worker went on at row " + outcome.resumedAt() + "; " + outcome.rows() + " of "
                + ROWS + " rows are there, each once. Announced: " + outcome.news());
        System.exit(
                outcome.rows() == ROWS
                                && outcome.resumedAt() > 0
                                && outcome.cancelled() == 0
                                && outcome.news().size() == 2
                        ? 0
                        : 1);
    }

    static Outcome run() throws Exception {
        try (SqlmqEmbedded server = SqlmqEmbedded.start();
                HikariDataSource dataSource = new HikariDataSource();
                SqlmqConnectionFactory factory = new SqlmqConnectionFactory(dataSource)) {
            dataSource.setJdbcUrl(server.jdbcUrl());
            factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
            Jobs jobs = Jobs.on(factory); // with its options; Jobs.on(dataSource) expects the tables to be there
            JdbcTemplate sql = new JdbcTemplate(dataSource);
            sql.execute("CREATE TABLE products (product text, number int, PRIMARY KEY (product, number))");
            sql.execute("CREATE TABLE attempts (product text, attempt int, began_at int)");
            sql.execute("CREATE TABLE news (id int GENERATED ALWAYS AS IDENTITY, product text)");

            TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
            transaction.executeWithoutResult(status -> {
                spawn(jobs, "tea", ROWS);
                spawn(jobs, "coffee", 20);
            });
            transaction.executeWithoutResult(status -> {
                spawn(jobs, "cocoa", 20);
                status.setRollbackOnly(); // and so the job was never there
            });
            show("Spawned:", sql);

            Process first = worker(server.jdbcUrl());
            until(() -> rows(sql, "tea") >= ROWS / 4);
            first.destroyForcibly().waitFor();
            show("The worker was killed at " + rows(sql, "tea") + " rows:", sql);

            Process second = worker(server.jdbcUrl());
            try {
                until(() -> number(sql, "SELECT count(*) FROM news", null) == 2);
            } finally {
                second.getOutputStream().close();
                second.waitFor();
            }
            show("At the end:", sql);
            return new Outcome(
                    rows(sql, "tea"),
                    number(sql, "SELECT began_at FROM attempts WHERE product = ? ORDER BY attempt DESC LIMIT 1", "tea"),
                    sql.queryForList("SELECT product FROM news ORDER BY id", String.class),
                    rows(sql, "cocoa"));
        }
    }

    private static void spawn(Jobs jobs, String product, int rows) {
        jobs.job("importProducts")
                .channel("imports")
                .json(new ImportJobs.Import(product, 0, rows))
                .spawn();
    }

    private static Process worker(String url) throws IOException {
        return new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Worker.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void show(String title, JdbcTemplate sql) {
        List<String> rows = sql.queryForList(JOBS, String.class);
        System.out.println(title + (rows.isEmpty() ? " no jobs" : ""));
        rows.forEach(row -> System.out.println("  " + row));
    }

    private static int rows(JdbcTemplate sql, String product) {
        return number(sql, "SELECT count(*) FROM products WHERE product = ?", product);
    }

    private static int number(JdbcTemplate sql, String query, @Nullable String argument) {
        Integer number = argument == null
                ? sql.queryForObject(query, Integer.class)
                : sql.queryForObject(query, Integer.class, argument);
        return number == null ? 0 : number;
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (!condition.getAsBoolean()) {
            if (System.currentTimeMillis() > end) {
                throw new IllegalStateException("It takes longer than " + PATIENCE_MILLIS + " ms");
            }
            Thread.sleep(20);
        }
    }
}
