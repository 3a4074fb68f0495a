package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The SQL by subject and the migrations make the same database. */
@Timeout(120)
class SqlFilesTest {

    private static final SchemaName SCHEMA = new SchemaName("it's 100% a$b");

    private static final Pattern CREATED = Pattern.compile("^CREATE (?:FUNCTION|VIEW) \\$\\{schema}\\.(\\w+)");
    private static final Pattern NAMED = Pattern.compile("\\bctid (?:=|IN )");

    /** Everything in the schema, as the catalog has it; what is written by the same words in another layout is the same. */
    private static final List<String> CATALOG = List.of(
            "SELECT p.oid::regprocedure, p.proacl, regexp_replace(pg_get_functiondef(p.oid), '\\s+', ' ', 'g') FROM pg_proc p"
                    + " WHERE p.pronamespace = :n AND p.prokind = 'f' ORDER BY 1",
            "SELECT a.attrelid::regclass, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage,"
                    + " a.attcompression, a.attstattarget, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid)"
                    + " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                    + " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
                    + " WHERE c.relnamespace = :n AND a.attnum > 0 ORDER BY 1, 3",
            "SELECT c.relname, c.relkind, c.relpersistence, c.relreplident, c.reloptions, c.relacl, t.reloptions FROM pg_class c"
                    + " LEFT JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.relnamespace = :n ORDER BY 1",
            "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                    + " WHERE c.relnamespace = :n ORDER BY 1",
            "SELECT conrelid::regclass, contypid::regtype, conname, pg_get_constraintdef(oid) FROM pg_constraint"
                    + " WHERE connamespace = :n ORDER BY 1, 2, 3",
            "SELECT c.relname, pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relnamespace = :n AND c.relkind = 'v' ORDER BY 1",
            "SELECT t.typname, t.typtype, t.typbasetype::regtype, t.typnotnull FROM pg_type t WHERE t.typnamespace = :n ORDER BY 1",
            "SELECT s.* FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname WHERE n.oid = :n ORDER BY 2");

    @Test
    void migrationsMakeWhatTheFilesSay() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            List<String> byMigrations = catalog(statement, TestDatabase.migrations());
            List<String> byFiles = catalog(statement, List.of(SqlFiles.all()));
            assertThat(byFiles).hasSizeGreaterThan(500);
            assertThat(byFiles.stream().filter(entry -> !byMigrations.contains(entry)))
                    .as("what the files in src/main/sql say and migrations do not make, see CONTRIBUTING.md")
                    .isEmpty();
            assertThat(byMigrations.stream().filter(entry -> !byFiles.contains(entry)))
                    .as("what migrations make and the files in src/main/sql do not say")
                    .isEmpty();
        }
    }

    @Test
    void whatIsReleasedNeverChanges() throws Exception {
        Map<String, String> sums = new TreeMap<>();
        for (Migration migration : Migrations.load(Migrator.LOCATION).all()) {
            sums.put(
                    migration.script(),
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256")
                                    .digest(migration.sql().getBytes(StandardCharsets.UTF_8))));
        }
        assertThat(sums)
                .as("the migrations that databases already have; write another one instead")
                .containsEntry("V1__sqlmq.sql", "c200d39e4506a87c854655d01860d8e2e2320560787304f7f26af0acba24a031")
                .containsEntry("V2__sqlxmq.sql", "e75142d8dc433066b82082a3d5a998ca1ad3441232c411ca2cb97af854d1ae61")
                .containsEntry("V3__operating.sql", "67e6a4adbe31cc58e94855137cf1a3001a390fafdffca46db1dc578b98de3bb1")
                .containsEntry("V4__traffic.sql", "b01c8d1b34dc9014c8067f49952a6974aed6d60ddd442e0c013d12f7712b17c4")
                .containsEntry("V5__takes.sql", "2fb53e1e06624cdaf9282b94be9462a3c3f8b8da3e93b7834183aa5940aefae6")
                .containsEntry("V6__polls.sql", "ded25670b4b98d256cc3866e109d852f37e2bc262bbfb1473eaf20dcd259f244")
                .containsEntry("V7__jobs.sql", "bd0974b5e1b6f148ca8160ef5a61e1c25105ac2efe0b74a7d4cd9ce6a1b58604")
                .containsEntry("V8__arguments.sql", "0176df1a7ce1687e87376e57897f042046b60671f24396e19350bb2e4ad5e1ec")
                .containsEntry("V9__schedules.sql", "d8914e5cc086f87d808485bfb409d351b859010339b809d772d90f15f7017068")
                .containsEntry(
                        "V10__keep_alive.sql", "c7427fc54860194377004942594ec5cf1979ef7ce4307da2b47a543508e68133")
                .containsEntry("V11__leases.sql", "b97ed1058204c23503fe8ddb58d954627718291185c60e587fbe12e614cb6ab9")
                .containsEntry(
                        "V12__checkpoints.sql", "94fe227efb1607610955ae84b12f0bb242bc60ed224f2254623b6d472fa32aa9")
                .containsEntry(
                        "V13__leases_validated.sql",
                        "eae237ac135a3e04872f3ec198db6e1a784775a768ad36488b9081b2e226dc41");
    }

    @Test
    void aClaimReturnsTheColumnsThatConsumersRead() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            TestDatabase.create(statement, SCHEMA, List.of(SqlFiles.all()));
            assertThat(rows(
                            statement,
                            "SELECT a.attname FROM pg_attribute a" + " WHERE a.attrelid = (quote_ident(" + literal()
                                    + ") || '.mq_claimed')::regclass ORDER BY a.attnum"))
                    .containsExactlyElementsOf(Arrays.stream(ClaimedColumn.values())
                            .map(ClaimedColumn::column)
                            .toList());
        }
    }

    /** Rows of others could be neither changed nor deleted in a database that publishes all its tables. */
    @Test
    void everyTableHasAReplicaIdentity() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            TestDatabase.create(statement, SCHEMA, List.of(SqlFiles.all()));
            assertThat(rows(
                            statement,
                            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = quote_ident(" + literal()
                                    + ")::regnamespace AND c.relkind = 'r' AND c.relreplident = 'd' AND NOT EXISTS ("
                                    + "SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"))
                    .isEmpty();
        }
    }

    /** In tables that are distributed by channel, it would be a row of each of them. See docs/design/distribution.md. */
    @Test
    void noRowIsNamedByItsCtidAlone() {
        Set<String> everywhere = Set.of(
                "mq_renew",
                "mq_sweep_temporaries",
                "mq_sweep_dedup",
                "mq_sweep_attempts",
                "mq_sweep_completed",
                "mq_note_attempts");
        String function = "";
        List<String> alone = new ArrayList<>();
        for (String line : SqlFiles.all().lines().toList()) {
            Matcher created = CREATED.matcher(line);
            if (created.find()) {
                function = created.group(1);
            }
            Matcher named = NAMED.matcher(line);
            if (named.find()
                    && !line.contains("channel_name = ")
                    && !line.contains("(m.ctid, m.channel_name::text) IN")
                    && !everywhere.contains(function)) {
                alone.add(function + ": " + line.strip());
            }
        }
        assertThat(alone).isEmpty();
    }

    /** Statistics of an empty table make the planner read the channel by its index, to look for places in what it finds. */
    @Test
    void rowsAreFetchedByTheirPlacesAndNotByTheirChannel() {
        assertThat(SqlFiles.all()
                        .lines()
                        .filter(line -> line.contains("channel_name = ") && line.contains(".ctid = "))
                        .filter(line -> !line.contains("COLLATE \"POSIX\"")))
                .isEmpty();
    }

    private static List<String> catalog(Statement statement, List<String> scripts) throws SQLException {
        TestDatabase.create(statement, SCHEMA, scripts);
        List<String> catalog = new ArrayList<>();
        for (String query : CATALOG) {
            catalog.addAll(rows(
                    statement,
                    query.replace(":n", "(SELECT oid FROM pg_namespace WHERE nspname = " + literal() + ")")));
        }
        return catalog;
    }

    private static List<String> rows(Statement statement, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join(" ", row));
            }
        }
        return rows;
    }

    private static String literal() {
        return "'" + SCHEMA.name().replace("'", "''") + "'";
    }
}
