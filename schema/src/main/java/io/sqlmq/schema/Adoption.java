package io.sqlmq.schema;

import io.sqlmq.schema.SchemaException.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns the tables of sqlxmq into ours, with the jobs that are in them, in the transaction of a connection. sqlxmq's table of
 * migrations is left as it is, so that programs which apply them at their start do not do so again.
 */
final class Adoption {
    /** sqlxmq's tables while ours are made. */
    private static final String OLD = "sqlxmq_old_";

    private static final int SHOWN = 5;

    private final SchemaName schema;
    private final Migrations migrations;
    private final SqlxmqFunctions functions;

    Adoption(SchemaName schema, Migrations migrations) {
        this.schema = schema;
        this.migrations = migrations;
        this.functions = new SqlxmqFunctions(schema);
    }

    /** Whether the schema has sqlxmq's tables. */
    boolean finds(Connection connection) throws SQLException {
        return !texts(connection, """
                SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
                  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname::text = ${name} AND c.relname::text = 'mq_msgs' AND a.attname::text = 'after_message_id'
                   AND NOT a.attisdropped""").isEmpty();
    }

    /**
     * Adopts; the caller commits.
     *
     * @return how many jobs there are now, of which kind
     * @throws SchemaException if there is something that cannot be carried over; nothing has been changed then
     */
    List<String> run(Connection connection) throws SQLException {
        execute(connection, "LOCK TABLE ${schema}.mq_msgs, ${schema}.mq_payloads IN ACCESS EXCLUSIVE MODE");
        refuseWhatCannotBeCarriedOver(connection);
        execute(
                connection,
                "ALTER TABLE ${schema}.mq_msgs RENAME TO " + OLD + "msgs",
                "ALTER TABLE ${schema}.mq_payloads RENAME TO " + OLD + "payloads");
        renameIndexes(connection);
        // Two indexes are on a function.
        dropIndexes(connection);
        functions.drop(connection);
        execute(connection, "DROP TYPE ${schema}.mq_new_t");
        for (Migration migration : migrations.all()) {
            execute(connection, migration.sql());
        }
        writeHistory(connection);
        execute(connection, COPY, DEAD);
        List<String> adopted = texts(connection, COUNT);
        execute(connection, "DROP TABLE ${schema}." + OLD + "msgs, ${schema}." + OLD + "payloads");
        return adopted;
    }

    private void refuseWhatCannotBeCarriedOver(Connection connection) throws SQLException {
        List<String> problems = texts(connection, PROBLEMS);
        if (!problems.isEmpty()) {
            throw new SchemaException(
                    Reason.FAILED,
                    "There are jobs in schema " + schema.quoted()
                            + " that cannot be carried over; nothing was changed. "
                            + String.join("; ", problems)
                            + ". Change or delete these rows of mq_msgs, and run this again");
        }
    }

    /** They would be in the way of ours. */
    private void renameIndexes(Connection connection) throws SQLException {
        for (String index : indexes(connection)) {
            execute(connection, "ALTER INDEX ${schema}." + index + " RENAME TO " + quoted(OLD, index));
        }
    }

    private static String quoted(String prefix, String quotedName) {
        return quotedName.startsWith("\"") ? "\"" + prefix + quotedName.substring(1) : prefix + quotedName;
    }

    /** But for primary keys, which hold the references of rows to each other. */
    private void dropIndexes(Connection connection) throws SQLException {
        for (String index : texts(connection, """
                SELECT pg_catalog.quote_ident(c.relname::text) FROM pg_catalog.pg_index AS i
                  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname::text = ${name} AND c.relname::text LIKE 'sqlxmq\\_old\\_%' AND NOT i.indisprimary""")) {
            execute(connection, "DROP INDEX ${schema}." + index);
        }
    }

    private List<String> indexes(Connection connection) throws SQLException {
        return texts(connection, """
                SELECT pg_catalog.quote_ident(c.relname::text) FROM pg_catalog.pg_index AS i
                  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
                  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname::text = ${name} AND t.relname::text IN ('sqlxmq_old_msgs', 'sqlxmq_old_payloads')""");
    }

    /** As Flyway does, which goes on from here. */
    private void writeHistory(Connection connection) throws SQLException {
        execute(connection, """
                CREATE TABLE ${schema}.mq_schema_history (
                  installed_rank integer NOT NULL CONSTRAINT mq_schema_history_pk PRIMARY KEY, version varchar(50),
                  description varchar(200) NOT NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer,
                  installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT pg_catalog.now(),
                  execution_time integer NOT NULL, success boolean NOT NULL)""", "CREATE INDEX mq_schema_history_s_idx ON ${schema}.mq_schema_history (success)");
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + schema.quoted()
                + ".mq_schema_history (installed_rank, version, description, type, script, checksum, installed_by,"
                + " execution_time, success) VALUES (?, ?, ?, 'SQL', ?, ?, current_user, 0, true)")) {
            int rank = 0;
            for (Migration migration : migrations.all()) {
                String script = migration.script();
                statement.setInt(1, ++rank);
                statement.setString(2, migration.version().toString());
                statement.setString(
                        3,
                        script.substring(script.indexOf("__") + 2, script.length() - ".sql".length())
                                .replace('_', ' '));
                statement.setString(4, script);
                statement.setInt(5, migration.checksum());
                statement.execute();
            }
        }
    }

    private void execute(Connection connection, String... all) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : all) {
                statement.execute(schema.fill(sql.replace("${name}", literal())));
            }
        }
    }

    private List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(schema.fill(sql.replace("${name}", literal())))) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    private String literal() {
        return "'" + schema.name().replace("'", "''") + "'";
    }

    private static final String NIL = "'00000000-0000-0000-0000-000000000000'::uuid";

    private static final String PROBLEMS = """
            SELECT p.problem || ': ' || count(*)::text || ' (' || pg_catalog.array_to_string(
                     (pg_catalog.array_agg(p.id::text ORDER BY p.id))[:%2$d], ', ') || CASE WHEN count(*) > %2$d THEN ', …' ELSE '' END || ')'
              FROM (
                SELECT m.id, CASE
                         WHEN y.id IS NULL THEN 'no row in mq_payloads, and so no name'
                         WHEN pg_catalog.octet_length(m.channel_name) > 255 THEN 'name of the channel longer than 255 bytes'
                         WHEN pg_catalog.octet_length(m.channel_args) > 2000 THEN 'arguments of the channel longer than 2,000 bytes'
                         WHEN m.attempt_at IN ('infinity', '-infinity') THEN 'due at no time'
                         WHEN pg_catalog.octet_length(y.payload_json::text) > 268435456 THEN 'JSON larger than 256 MB'
                       END AS problem
                  FROM ${schema}.mq_msgs AS m LEFT JOIN ${schema}.mq_payloads AS y ON y.id = m.id
                 WHERE m.id <> %1$s) AS p
             WHERE p.problem IS NOT NULL GROUP BY p.problem ORDER BY p.problem""".formatted(NIL, SHOWN);

    /** The order is that in which they were added; of ordered ones that in which they refer to each other. */
    private static final String JOBS = """
            WITH RECURSIVE ordered (id, depth, added) AS (
              SELECT m.id, 0, m.created_at FROM ${schema}.sqlxmq_old_msgs m WHERE m.after_message_id = %1$s AND m.id <> %1$s
              UNION ALL
              SELECT m.id, o.depth + 1, greatest(o.added, m.created_at)
                FROM ordered o JOIN ${schema}.sqlxmq_old_msgs m ON m.after_message_id = o.id),
            jobs AS (
              SELECT m.*, y.name, y.payload_json, y.payload_bytes, o.depth, coalesce(o.added, m.created_at) AS added,
                     CASE WHEN m.after_message_id IS NOT NULL THEN ${schema}.mq_job_group(m.channel_args) END AS grp
                FROM ${schema}.sqlxmq_old_msgs m JOIN ${schema}.sqlxmq_old_payloads y ON y.id = m.id
                LEFT JOIN ordered o ON o.id = m.id WHERE m.id <> %1$s)""".formatted(NIL);

    private static final String COLUMNS = """
            id, channel_name, sent_at, attempt_at, expires_at, grp, slot, properties, name, channel_args, commit_interval,
            retry_backoff, max_deliveries, payload_json, payload_bytes""";

    private static final String VALUES = """
            (extract(epoch FROM coalesce(j.created_at, pg_catalog.now())) * 1000::numeric)::bigint""";

    private static final String PROPERTIES = """
            CASE WHEN j.channel_args = '' THEN NULL
                 WHEN j.grp IS NOT NULL
                 THEN pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', j.channel_args, 'JMSXGroupID', j.channel_args)
                 ELSE pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', j.channel_args) END""";

    /** A position that was reserved and whose time is over is not carried over: sqlxmq would have deleted it. */
    private static final String COPY = JOBS + " INSERT INTO ${schema}.mq_msgs (" + COLUMNS
            + ") SELECT j.id, j.channel_name, " + VALUES + """
            , CASE WHEN j.attempt_at > pg_catalog.now() THEN j.attempt_at END,
            CASE WHEN j.commit_interval IS NOT NULL THEN j.attempt_at END, j.grp, ${schema}.mq_slot(j.grp),
            """ + PROPERTIES + """
            , j.name, j.channel_args, j.commit_interval, j.retry_backoff, least(greatest(j.attempts, 1), 1000000000),
            j.payload_json, j.payload_bytes
              FROM jobs j
             WHERE j.attempt_at IS NOT NULL AND (j.commit_interval IS NULL OR j.attempt_at > pg_catalog.now())
             ORDER BY j.added, j.depth NULLS FIRST, j.id""";

    private static final String DEAD = JOBS + " INSERT INTO ${schema}.mq_msgs (" + COLUMNS
            + ", dead_origin, dead_reason, dead_at) SELECT j.id, ${schema}.mq_job_dead_letters(), " + VALUES
            + ", NULL, NULL, j.grp, NULL, " + PROPERTIES + """
            , j.name, j.channel_args, NULL, j.retry_backoff, 1, j.payload_json, j.payload_bytes, j.channel_name,
            'its attempts were used up in sqlxmq', pg_catalog.now()
              FROM jobs j WHERE j.attempt_at IS NULL ORDER BY j.added, j.depth NULLS FIRST, j.id""";

    private static final String COUNT = """
            SELECT k.kind || ': ' || count(*)::text
              FROM (SELECT CASE WHEN m.dead_origin IS NOT NULL THEN 'dead letters'
                                WHEN m.commit_interval IS NOT NULL THEN 'reserved, not committed yet'
                                WHEN m.attempt_at IS NULL THEN 'ready' ELSE 'delayed, leased or backing off' END AS kind
                      FROM ${schema}.mq_msgs m) AS k
             GROUP BY k.kind ORDER BY k.kind""";
}
