package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.schema.SchemaException.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Bodies of functions carry the name of their schema. */
class RenamedSchemaTest {
    private PGSimpleDataSource database = new PGSimpleDataSource();

    @BeforeEach
    void newDatabase() throws SQLException {
        database = TestServer.newDatabase();
    }

    private Migrator migrator(String schema) {
        return new Migrator(database, schema);
    }

    private static String quoted(String schema) {
        return new SchemaName(schema).quoted();
    }

    private void rename(String from, String to) throws SQLException {
        TestServer.execute(database, "ALTER SCHEMA " + quoted(from) + " RENAME TO " + quoted(to));
    }

    private void assertRefused(String schema, String other) {
        assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(migrator(schema)::validate)
                .returns(Reason.RENAMED, SchemaException::reason)
                .withMessageContaining(quoted(other).replace("'", "''"))
                .withMessageContaining("sqlmq migrate");
        assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(migrator(schema)::validateName)
                .returns(Reason.RENAMED, SchemaException::reason);
    }

    /** All that may carry a name: sources, settings, signatures and defaults, as text. */
    private String texts(String schema) throws SQLException {
        return TestServer.query(database, """
                SELECT coalesce(string_agg(text, E'\\n' ORDER BY text), '') FROM (
                  SELECT pg_get_functiondef(p.oid) FROM pg_proc p
                   WHERE p.pronamespace = %1$s::regnamespace AND p.prokind = 'f'
                  UNION ALL
                  SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
                   WHERE c.relnamespace = %1$s::regnamespace
                  UNION ALL
                  SELECT pg_get_viewdef(c.oid) FROM pg_class c
                   WHERE c.relkind = 'v' AND c.relnamespace = %1$s::regnamespace) AS t (text)""".formatted("'" + quoted(schema).replace("'", "''") + "'"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "mq, neu",
                "mq, My 'Queue\" %s",
                "My 'Queue\" %s, mq",
                "it's, that's",
                "public, select",
                "mq_msgs, mq"
            })
    void migrateMakesEverythingSpeakOfTheNewName(String from, String to) throws SQLException {
        migrator(from).migrate();
        PGSimpleDataSource fresh = TestServer.newDatabase();
        new Migrator(fresh, to).migrate();
        PGSimpleDataSource renamed = database;
        rename(from, to);
        assertRefused(to, from);

        migrator(to).migrate();

        migrator(to).validate();
        migrator(to).validateName();
        String repaired = texts(to);
        database = fresh;
        assertThat(repaired).isEqualTo(texts(to)).contains("CREATE OR REPLACE FUNCTION");
        database = renamed;
        assertThat(TestServer.query(database, "SELECT " + quoted(to) + ".mq_send('q', 'hello') IS NOT NULL"))
                .isEqualTo("t");
        assertThat(TestServer.query(database, "SELECT count(*) FROM " + quoted(to) + ".mq_msgs"))
                .isEqualTo("1");
    }

    @Test
    void theSchemaThatHasTheOldNameNowIsNotTouched() throws SQLException {
        migrator("mq").migrate();
        rename("mq", "old copy");
        migrator("mq").migrate();
        String before = texts("mq");
        assertRefused("old copy", "mq");
        migrator("mq").validate();

        migrator("old copy").migrate();

        assertThat(texts("mq")).isEqualTo(before);
        TestServer.query(database, "SELECT \"old copy\".mq_send('q', 'for the copy')");
        assertThat(TestServer.query(database, "SELECT count(*) FROM mq.mq_msgs"))
                .isEqualTo("0");
    }

    @Test
    void ownerAndGrantsStay() throws SQLException {
        String owner = "owner_" + database.getDatabaseName();
        TestServer.execute(database, "CREATE ROLE " + owner, "CREATE SCHEMA mq AUTHORIZATION " + owner);
        migrator("mq").migrate();
        TestServer.execute(
                database,
                "ALTER FUNCTION mq.mq_try_json(text) OWNER TO " + owner,
                "REVOKE EXECUTE ON FUNCTION mq.mq_writers() FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION mq.mq_writers() TO " + owner);
        String sql = "SELECT string_agg(proname || proowner || coalesce(proacl::text, '') || oid, ' ' ORDER BY oid) "
                + "FROM pg_proc WHERE proname LIKE 'mq\\_%'";
        String before = TestServer.query(database, sql);
        rename("mq", "neu");
        migrator("neu").migrate();
        assertThat(TestServer.query(database, sql)).isEqualTo(before).contains("=X/");
    }

    private static List<String> definitions(Statement statement) throws SQLException {
        List<String> definitions = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT pg_get_functiondef(oid) FROM pg_proc "
                + "WHERE pronamespace = 'neu'::regnamespace AND prosrc LIKE '%\"neu\"%' ORDER BY oid")) {
            while (rows.next()) {
                definitions.add(rows.getString(1));
            }
        }
        return definitions;
    }

    /** As if a copy by hand had missed this one and no other; what missed all of them is mended as a whole. */
    @Test
    void oneFunctionIsEnoughToRefuse() throws SQLException {
        migrator("neu").migrate();
        SchemaMentions mentions = new SchemaMentions(new SchemaName("neu"));
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            List<String> definitions = definitions(statement);
            assertThat(definitions).hasSizeGreaterThan(40);
            connection.setAutoCommit(false);
            statement.execute("SET LOCAL check_function_bodies = off");
            for (String definition : definitions) {
                statement.execute(definition.replace("\"neu\"", "\"mq\""));
                assertThat(mentions.others(connection)).as(definition).containsExactly("\"mq\"");
                statement.execute(definition);
            }
            assertThat(mentions.others(connection)).isEmpty();
            for (String definition : definitions) {
                statement.execute(definition.replace("\"neu\"", "\"mq\""));
            }
            mentions.repair(connection);
            assertThat(mentions.others(connection)).isEmpty();
            assertThat(definitions(statement)).containsExactlyElementsOf(definitions);
            for (String other : List.of("\"neu\"\"neu\"", "\"x\"\"neu\"", "\"\"\"neu\"")) {
                statement.execute(
                        "CREATE OR REPLACE FUNCTION neu.mq_any() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM "
                                + other + ".mq_msgs, \"neu\".mq_msgs'");
                assertThat(mentions.others(connection)).containsExactly(other);
            }
            connection.rollback();
        }
    }

    @Test
    void aCopyOfTheTablesThatDrawsNumbersFromTheOriginalIsMended() throws SQLException {
        migrator("mq").migrate();
        migrator("neu").migrate();
        TestServer.execute(database, "ALTER TABLE neu.mq_msgs ALTER COLUMN seq SET DEFAULT nextval('mq.mq_seq')");
        assertRefused("neu", "mq");
        migrator("neu").migrate();
        migrator("neu").validate();
        TestServer.query(database, "SELECT neu.mq_send('q', 'one')");
        assertThat(TestServer.query(database, "SELECT is_called FROM mq.mq_seq"))
                .isEqualTo("f");
    }

    @Test
    void aSearchPathOfAFunctionIsMended() throws SQLException {
        Migrator migrator = new Migrator(database, "My Queue", "io/sqlmq/schema/one", Migrator.LOCK_TIMEOUTS);
        migrator.migrate();
        migrator.validate();
        rename("My Queue", "It's");
        Migrator renamed = new Migrator(database, "It's", "io/sqlmq/schema/one", Migrator.LOCK_TIMEOUTS);
        assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(renamed::validate)
                .returns(Reason.RENAMED, SchemaException::reason);
        renamed.migrate();
        renamed.validate();
        assertThat(TestServer.query(database, "SELECT \"It's\".mq_count()")).isEqualTo("0");
    }
}
