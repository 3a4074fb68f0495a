package io.sqlmq.example.camel;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.main.Main;
import org.apache.camel.spi.BrowsableEndpoint;
import org.springframework.jdbc.core.JdbcTemplate;

/** Processes the orders of a file on a PostgreSQL of its own, and shows what became of them. */
public final class Orders {
    private static final long PATIENCE_MILLIS = 60_000;

    /**
     * What became of the orders.
     *
     * @param shipped how many are stored and shipped
     * @param halfDone how many are stored and not shipped
     * @param failures the lines of those that failed, with the reason
     */
    record Outcome(int shipped, int halfDone, List<String> failures) {}

    private Orders() {}

    /** Runs until the orders of the file are done. The exit code is 0 if all are shipped but the three bad ones. */
    public static void main(String[] arguments) throws Exception {
        Outcome outcome = run(100);
        System.out.println(outcome.shipped() + " orders stored and shipped, " + outcome.halfDone() + " half done");
        System.out.println(
                outcome.failures().size() + " in the dead-letter queue, with nothing of them in the tables:");
        outcome.failures().forEach(line -> System.out.println("  " + line));
        System.exit(
                outcome.shipped() == 97
                                && outcome.halfDone() == 0
                                && outcome.failures().size() == 3
                        ? 0
                        : 1);
    }

    static Outcome run(int orders) throws Exception {
        try (SqlmqEmbedded server = SqlmqEmbedded.start();
                HikariDataSource dataSource = new HikariDataSource()) {
            dataSource.setJdbcUrl(server.jdbcUrl());
            JdbcTemplate sql = new JdbcTemplate(dataSource);
            sql.execute("CREATE TABLE orders (id int PRIMARY KEY, product text NOT NULL, pieces int NOT NULL,"
                    + " cents int NOT NULL, shipped boolean NOT NULL DEFAULT false)");

            Main main = new Main(OrderRoutes.class);
            // All that the component needs: the application's own DataSource.
            main.bind("dataSource", dataSource);
            main.start();
            try {
                return outcome(main.getCamelContext(), sql, orders);
            } finally {
                main.stop();
            }
        }
    }

    private static Outcome outcome(CamelContext context, JdbcTemplate sql, int orders) throws InterruptedException {
        BrowsableEndpoint deadLetters = context.getEndpoint("sqlmq:DLQ", BrowsableEndpoint.class);
        long end = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            int shipped = count(sql, "shipped");
            List<String> failures = new ArrayList<>();
            for (Exchange letter : deadLetters.getExchanges()) {
                failures.add(letter.getMessage().getBody(String.class) + "   "
                        + letter.getMessage().getHeader("JMS_SQLMQ_DeadLetterError"));
            }
            if (shipped + failures.size() >= orders || System.currentTimeMillis() > end) {
                return new Outcome(shipped, count(sql, "NOT shipped"), failures);
            }
            Thread.sleep(100);
        }
    }

    private static int count(JdbcTemplate sql, String condition) {
        Integer count = sql.queryForObject("SELECT count(*) FROM orders WHERE " + condition, Integer.class);
        return count == null ? 0 : count;
    }
}
