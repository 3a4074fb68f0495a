package io.sqlmq.benchmarks;

import io.sqlmq.schema.Migrator;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Measures the SQL functions for jobs against those of sqlxmq and pgmq, whose files whoever runs this has to give, on the same
 * server in the same run: one connection, jobs of 1 KB of JSON, every call a transaction.
 */
@Command(
        name = "sql-jobs",
        mixinStandardHelpOptions = true,
        description = "Measures mq_insert, mq_poll and mq_delete against sqlxmq's own and pgmq.")
public final class SqlJobs implements Callable<Integer> {
    private static final int BATCH = 100;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The server: jdbc:postgresql://host/database?user=…; without it an embedded one is started.")
    private @Nullable String url;

    @Option(
            names = "--sqlxmq",
            split = ",",
            paramLabel = "FILE",
            description = "sqlxmq's migrations, in their order. They need the extension uuid-ossp.")
    private List<Path> sqlxmq = List.of();

    @Option(names = "--pgmq", paramLabel = "FILE", description = "pgmq's functions: its pgmq.sql.")
    private @Nullable Path pgmq;

    @Option(
            names = "--waiting",
            paramLabel = "N",
            description = "How many jobs wait meanwhile. Default: ${DEFAULT-VALUE}.")
    private int waiting = 50_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Spec
    private @Nullable CommandSpec spec;

    private SqlJobs() {}

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String... args) {
        System.exit(new CommandLine(new SqlJobs()).execute(args));
    }

    /**
     * One way to have jobs.
     *
     * @param clear empties it
     * @param insert adds a hundred
     * @param take takes up to %d: the identifier and the body
     * @param delete deletes these identifiers
     */
    private record Way(
            String name, Connection connection, List<String> clear, String insert, String take, String delete) {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        String given = url;
        try (Server server = given == null ? Server.start() : Server.at(given)) {
            List<Way> ways = ways(server);
            double[][][] seen = new double[ways.size()][3][rounds];
            for (int round = 0; round < rounds; round++) {
                for (int i = 0; i < ways.size(); i++) {
                    measure(ways.get(i), seen[i], round);
                }
            }
            out.printf("%-8s %22s %22s %18s%n", "", "inserts/s in hundreds", "taken/s in hundreds", "one by one, ms");
            for (int i = 0; i < ways.size(); i++) {
                double[] medians =
                        Arrays.stream(seen[i]).mapToDouble(SqlJobs::median).toArray();
                out.printf(
                        Locale.ROOT,
                        "%-8s %,22.0f %,22.0f %18.3f%n",
                        ways.get(i).name(),
                        medians[0],
                        medians[1],
                        medians[2]);
            }
            out.printf("%,d jobs waiting; medians of %d rounds%n", waiting, rounds);
            out.flush();
            for (Way way : ways) {
                way.connection().close();
            }
        }
        return 0;
    }

    private List<Way> ways(Server server) throws Exception {
        List<Way> ways = new ArrayList<>();
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.url(""));
        fresh(server, "sqlmq_benchmark_jobs").close();
        new Migrator(dataSource, "sqlmq_benchmark_jobs").migrate();
        ways.add(jobs("sqlmq", server.connect("currentSchema=sqlmq_benchmark_jobs"), List.of()));
        if (!sqlxmq.isEmpty()) {
            Connection connection = fresh(server, "sqlxmq_benchmark");
            // Its index needs a function that is found without a search_path, from PostgreSQL 17 on.
            execute(connection, "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" SCHEMA pg_catalog");
            execute(connection, "SET search_path = sqlxmq_benchmark, public");
            for (Path file : sqlxmq) {
                execute(connection, Files.readString(file));
            }
            ways.add(jobs("sqlxmq", connection, List.of("TRUNCATE mq_payloads")));
        }
        Path file = pgmq;
        if (file != null) {
            Connection connection = fresh(server, "pgmq");
            execute(connection, "SET search_path = public");
            execute(connection, Files.readString(file));
            execute(connection, "SELECT pgmq.create('jobs')");
            ways.add(new Way(
                    "pgmq",
                    connection,
                    List.of("SELECT pgmq.purge_queue('jobs')"),
                    "SELECT count(*) FROM pgmq.send_batch('jobs', ARRAY(SELECT " + json()
                            + "::jsonb FROM generate_series(1, " + BATCH + ")))",
                    "SELECT msg_id, message FROM pgmq.read('jobs', 60, %d)",
                    "SELECT count(*) FROM pgmq.delete('jobs', ?::text[]::bigint[])"));
        }
        return ways;
    }

    private static Way jobs(String name, Connection connection, List<String> first) {
        List<String> clear = new ArrayList<>(first);
        clear.add("DELETE FROM mq_msgs WHERE id != '00000000-0000-0000-0000-000000000000'");
        return new Way(
                name,
                connection,
                clear,
                "SELECT 1 FROM mq_insert(ARRAY(SELECT (gen_random_uuid(), interval '0', 4, interval '1 min', 'jobs', '', NULL,"
                        + " false, 'job', " + json() + ", NULL)::mq_new_t FROM generate_series(1, " + BATCH + ")))",
                "SELECT id, payload_json FROM mq_poll(ARRAY['jobs'], %d)",
                "SELECT 1 FROM mq_delete(?::text[]::uuid[])");
    }

    private static String json() {
        return "'{\"text\": \"" + "x".repeat(1000) + "\"}'";
    }

    /** Fills, takes one by one, then in hundreds. */
    private void measure(Way way, double[][] seen, int round) throws SQLException {
        Connection connection = way.connection();
        for (String statement : way.clear()) {
            execute(connection, statement);
        }
        execute(connection, "VACUUM ANALYZE");
        long begin = System.nanoTime();
        for (int i = 0; i < waiting; i += BATCH) {
            execute(connection, way.insert());
        }
        seen[0][round] = waiting / seconds(begin);
        execute(connection, "ANALYZE");
        int few = 50;
        take(way, 1, 20);
        begin = System.nanoTime();
        take(way, 1, few);
        seen[2][round] = seconds(begin) * 1000 / few;
        begin = System.nanoTime();
        int taken = take(way, BATCH, few);
        seen[1][round] = taken / seconds(begin);
    }

    private static int take(Way way, int batch, int times) throws SQLException {
        int taken = 0;
        try (PreparedStatement take =
                        way.connection().prepareStatement(way.take().formatted(batch));
                PreparedStatement delete = way.connection().prepareStatement(way.delete())) {
            for (int i = 0; i < times; i++) {
                List<String> ids = new ArrayList<>();
                try (ResultSet rows = take.executeQuery()) {
                    while (rows.next()) {
                        ids.add(rows.getString(1));
                    }
                }
                delete.setArray(1, way.connection().createArrayOf("text", ids.toArray()));
                delete.execute();
                taken += ids.size();
            }
        }
        return taken;
    }

    private static Connection fresh(Server server, String schema) throws SQLException {
        Connection connection = server.connect("");
        execute(connection, "DROP SCHEMA IF EXISTS " + schema + " CASCADE");
        execute(connection, "CREATE SCHEMA " + schema);
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
