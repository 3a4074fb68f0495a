package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A role that was granted something by an earlier version has after an upgrade what that version of it needs now. */
@Timeout(120)
class RightsAfterUpgradesTest {

    private static final SchemaName SCHEMA = new SchemaName("rights of old");
    private static final List<String> KINDS = List.of(
            "all", "queues", "send", "send by SQL", "receive", "watch", "watch headers", "watch bodies", "administer");

    @ParameterizedTest
    @MethodSource("released")
    void aRoleCanDoWhatItCould(int released) throws Exception {
        List<String> migrations = TestDatabase.migrations();
        try (Connection connection = TestDatabase.connect();
                Statement statement = connection.createStatement()) {
            List<String> missing = new ArrayList<>();
            connection.setAutoCommit(false); // roles are shared by all databases of the server; so nothing is left
            TestDatabase.create(statement, SCHEMA, migrations.subList(0, released));
            statement.execute(
                    "CREATE TABLE " + SCHEMA.quoted() + ".mq_schema_history ()"); // as tools for migrations do
            List<String> known = new ArrayList<>();
            for (String kind : KINDS) {
                if (grant(connection, statement, "before", kind)) {
                    known.add(kind);
                }
            }
            assertThat(known).contains("all", "queues", "send", "receive", "administer");
            statement.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA " + SCHEMA.quoted() + " FROM PUBLIC");
            TestDatabase.add(statement, SCHEMA, migrations.subList(released, migrations.size()));
            for (String kind : known) {
                assertThat(grant(connection, statement, "after", kind)).isTrue();
                Set<String> lacks = rights(statement, role("after", kind));
                lacks.removeAll(rights(statement, role("before", kind)));
                lacks.forEach(right -> missing.add(kind + " lacks " + right));
            }
            connection.rollback();
            assertThat(missing).isEmpty();
        }
    }

    /** How many migrations a database had, for every version but this. */
    static IntStream released() {
        return IntStream.range(1, TestDatabase.migrations().size());
    }

    private static String role(String when, String kind) {
        return "sqlmq " + when + " " + kind;
    }

    /** Returns false if the version does not know that kind. */
    private static boolean grant(Connection connection, Statement statement, String when, String kind)
            throws SQLException {
        statement.execute("CREATE ROLE \"" + role(when, kind) + "\"");
        var known = connection.setSavepoint();
        try {
            statement.execute("SELECT " + SCHEMA.quoted() + ".mq_grant('" + role(when, kind) + "', '" + kind + "')");
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("22023");
            connection.rollback(known);
            return false;
        }
    }

    private static Set<String> rights(Statement statement, String role) throws SQLException {
        Set<String> rights = new TreeSet<>();
        try (ResultSet rows = statement.executeQuery("""
                WITH objects AS (
                  SELECT oid AS namespace FROM pg_namespace WHERE nspname = '%1$s')
                SELECT a.privilege_type || ' ON ' || t.name FROM objects o
                  CROSS JOIN LATERAL (
                    SELECT c.relname AS name, c.relacl AS acl FROM pg_class c WHERE c.relnamespace = o.namespace
                    UNION ALL
                    SELECT c.relname || '.' || n.attname, n.attacl FROM pg_class c JOIN pg_attribute n ON n.attrelid = c.oid
                     WHERE c.relnamespace = o.namespace AND n.attacl IS NOT NULL
                    UNION ALL
                    SELECT p.oid::regprocedure::text, p.proacl FROM pg_proc p WHERE p.pronamespace = o.namespace
                  ) t
                  CROSS JOIN LATERAL aclexplode(t.acl) a
                 WHERE a.grantee = '"%2$s"'::regrole""".formatted("rights of old", role))) {
            while (rows.next()) {
                rights.add(rows.getString(1));
            }
        }
        return rights;
    }
}
