package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/ says in SQL can be said. */
class SqlDocsTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern BLOCK = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
    private static final Pattern NAMED = Pattern.compile("`(mq_\\w+)[`(]");
    /** sqlxmq's, which docs/sql.md says are gone. */
    private static final Set<String> GONE = Set.of("mq_active_channels", "mq_latest_message", "mq_uuid_exists");

    @BeforeAll
    static void migrate() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            TestDatabase.create(statement, new SchemaName("mq"), TestDatabase.migrations());
            statement.execute(
                    "CREATE TABLE mq.mq_schema_history (version text)"); // the migrator's, which roles may read
        }
    }

    @AfterAll
    static void drop() throws Exception {
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA mq CASCADE");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sql.md", "jobs.md", "operating.md"})
    void eachBlockRuns(String page) throws Exception {
        List<String> blocks = BLOCK.matcher(Files.readString(DOCS.resolve(page)))
                .results()
                .map(block -> block.group(1))
                .filter(block -> !block.contains(" PREPARED ")) // of a transaction that is not there
                .map(block -> block.replaceAll("'[^'\n]*…'", "'018f6b0e-0000-7000-8000-000000000000'"))
                .toList();
        assertThat(blocks).isNotEmpty();
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET search_path = mq; CREATE ROLE app");
            for (String block : blocks) {
                statement.execute(block);
            }
            connection.rollback();
        }
    }

    @Test
    void whatIsNamedIsThere() throws Exception {
        Set<String> missing = new TreeSet<>();
        for (String page : List.of("sql.md", "jobs.md", "operating.md")) {
            missing.addAll(NAMED.matcher(Files.readString(DOCS.resolve(page)))
                    .results()
                    .map((MatchResult name) -> name.group(1))
                    .toList());
        }
        assertThat(missing).hasSizeGreaterThan(40);
        missing.removeAll(GONE);
        missing.removeAll(names());
        assertThat(missing).isEmpty();
    }

    private static List<String> names() throws Exception {
        List<String> names = new ArrayList<>();
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT proname FROM pg_proc WHERE pronamespace = 'mq'::regnamespace"
                                + " UNION SELECT relname FROM pg_class WHERE relnamespace = 'mq'::regnamespace")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
