package io.sqlmq.schema;

import io.sqlmq.schema.SchemaException.Reason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Turns the tables of sqlxmq into ours, with the jobs that are in them, in the transaction of a connection. sqlxmq's table of
 * migrations is left as it is, so that programs which apply them at their start do not do so again.
 */
final class Adoption {
    /** sqlxmq's tables while ours are made. */
    private static final String OLD = "sqlxmq_old_";

    private static final int SHOWN = 5;

    /** Less than deadlock_timeout, after which it might be somebody else who is ended. */
    private static final int SECOND_LOCK_MILLIS = 200;

    private final SchemaName schema;
    private final Migrations migrations;
    private final int lockTimeout;
    private final SqlxmqFunctions functions;

    /** @param lockTimeout how long it waits for those who work with the tables, in ms */
    Adoption(SchemaName schema, Migrations migrations, int lockTimeout) {
        this.schema = schema;
        this.migrations = migrations;
        this.lockTimeout = lockTimeout;
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
        lock(connection);
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
        execute(connection, ORDER);
        execute(connection, COPY, DEAD, GRANTS);
        List<String> adopted = texts(connection, COUNT);
        execute(
                connection,
                "DROP TABLE ${schema}." + OLD + "msgs, ${schema}." + OLD + "payloads, ${schema}." + OLD + "order");
        return adopted.isEmpty() ? List.of("the tables; there were no jobs") : adopted;
    }

    /**
     * Some of sqlxmq's functions lock one of the tables first, and some the other. So the second one is not waited for for long, or each would wait
     * for the other.
     */
    private void lock(Connection connection) throws SQLException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(lockTimeout);
        while (true) {
            Savepoint before = connection.setSavepoint();
            try {
                MigrationRun.setLockTimeout(connection, lockTimeout);
                execute(connection, "LOCK TABLE ${schema}.mq_payloads IN ACCESS EXCLUSIVE MODE");
                MigrationRun.setLockTimeout(connection, SECOND_LOCK_MILLIS);
                execute(connection, "LOCK TABLE ${schema}.mq_msgs IN ACCESS EXCLUSIVE MODE");
                MigrationRun.setLockTimeout(connection, lockTimeout);
                connection.releaseSavepoint(before);
                return;
            } catch (SQLException e) {
                if (!SqlStates.isTransient(e.getSQLState()) || System.nanoTime() - end >= 0) {
                    throw e;
                }
                connection.rollback(before);
            }
        }
    }

    private void refuseWhatCannotBeCarriedOver(Connection connection) throws SQLException {
        List<String> others = texts(connection, OTHERS);
        if (!others.isEmpty()) {
            throw new SchemaException(
                    Reason.FAILED,
                    "The tables of sqlxmq in schema " + schema.quoted()
                            + " have something on them that is not sqlxmq's and cannot be carried over; nothing was changed: "
                            + String.join(", ", others)
                            + ". Drop it, run this again, and make it anew for the tables of sqlmq");
        }
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

    /** What would be lost with the tables, or keep them from being dropped: views, triggers, policies, references. */
    private static final String OTHERS = """
            SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0)
              FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.refobjid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND n.nspname::text = ${name}
               AND c.relname::text IN ('mq_msgs', 'mq_payloads')
               AND CASE d.classid
                     WHEN 'pg_catalog.pg_trigger'::regclass
                     THEN NOT (SELECT t.tgisinternal FROM pg_catalog.pg_trigger AS t WHERE t.oid = d.objid)
                     WHEN 'pg_catalog.pg_constraint'::regclass
                     THEN (SELECT o.conrelid <> d.refobjid FROM pg_catalog.pg_constraint AS o WHERE o.oid = d.objid)
                     ELSE d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_policy'::regclass) END
             GROUP BY 1 ORDER BY 1""";

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

    /**
     * The places of ordered jobs, which refer each to the one before. Of a chain that is long each step has to find the next one by an index: a
     * plan that reads the table for each is never done with a hundred thousand.
     */
    private static final String[] ORDER = {
        "CREATE INDEX ON ${schema}.sqlxmq_old_msgs (after_message_id)",
        "CREATE TABLE ${schema}.sqlxmq_old_order (id uuid NOT NULL, depth bigint NOT NULL, added timestamptz)",
        "SET LOCAL enable_seqscan = off",
        "SET LOCAL enable_hashjoin = off",
        "SET LOCAL enable_mergejoin = off",
        """
            WITH RECURSIVE ordered (id, depth, added) AS (
              SELECT m.id, 0::bigint, m.created_at FROM ${schema}.sqlxmq_old_msgs m WHERE m.after_message_id = %1$s AND m.id <> %1$s
              UNION ALL
              SELECT m.id, o.depth + 1, greatest(o.added, m.created_at)
                FROM ordered o JOIN ${schema}.sqlxmq_old_msgs m ON m.after_message_id = o.id)
            INSERT INTO ${schema}.sqlxmq_old_order SELECT o.id, o.depth, o.added FROM ordered o""".formatted(NIL),
        "SET LOCAL enable_seqscan TO DEFAULT",
        "SET LOCAL enable_hashjoin TO DEFAULT",
        "SET LOCAL enable_mergejoin TO DEFAULT",
        "ANALYZE ${schema}.sqlxmq_old_msgs",
        "ANALYZE ${schema}.sqlxmq_old_payloads",
        "ANALYZE ${schema}.sqlxmq_old_order"
    };

    /** The order is that in which they were added; of ordered ones that in which they refer to each other. */
    private static final String JOBS = """
            WITH jobs AS (
              SELECT m.*, y.name, y.payload_json, y.payload_bytes, o.depth, coalesce(o.added, m.created_at) AS added,
                     CASE WHEN m.after_message_id IS NOT NULL THEN ${schema}.mq_job_group(m.channel_args) END AS grp
                FROM ${schema}.sqlxmq_old_msgs m JOIN ${schema}.sqlxmq_old_payloads y ON y.id = m.id
                LEFT JOIN ${schema}.sqlxmq_old_order o ON o.id = m.id WHERE m.id <> %1$s)""".formatted(NIL);

    private static final String COLUMNS = """
            id, channel_name, sent_at, attempt_at, expires_at, grp, slot, properties, name, channel_args, commit_interval,
            retry_backoff, max_deliveries, payload_json, payload_bytes""";

    private static final String VALUES = """
            (extract(epoch FROM CASE WHEN pg_catalog.isfinite(j.created_at) THEN j.created_at ELSE pg_catalog.now() END)
              * 1000::numeric)::bigint""";

    private static final String PROPERTIES = """
            CASE WHEN j.channel_args = '' THEN NULL
                 WHEN j.grp IS NOT NULL
                 THEN pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', j.channel_args, 'JMSXGroupID', j.channel_args)
                 ELSE pg_catalog.jsonb_build_object('JMS_SQLMQ_ChannelArgs', j.channel_args) END""";

    /**
     * A position that was reserved and whose time is over is not carried over: sqlxmq would have deleted it. What has no attempts left and yet a
     * time is tried for ever there.
     */
    private static final String COPY = JOBS + " INSERT INTO ${schema}.mq_msgs (" + COLUMNS
            + ") SELECT j.id, j.channel_name, " + VALUES + """
            , CASE WHEN j.attempt_at > pg_catalog.now() THEN j.attempt_at END,
            CASE WHEN j.commit_interval IS NOT NULL THEN j.attempt_at END, j.grp, ${schema}.mq_slot(j.grp),
            """ + PROPERTIES + """
            , j.name, j.channel_args,
            CASE WHEN j.commit_interval > interval '100 years' THEN interval '100 years' ELSE j.commit_interval END,
            j.retry_backoff, CASE WHEN j.attempts < 1 THEN 2147483647 ELSE j.attempts END, j.payload_json, j.payload_bytes
              FROM jobs j
             WHERE j.attempt_at IS NOT NULL AND (j.commit_interval IS NULL OR j.attempt_at > pg_catalog.now())
             ORDER BY j.added, j.depth NULLS FIRST, j.id""";

    private static final String DEAD = JOBS + " INSERT INTO ${schema}.mq_msgs (" + COLUMNS
            + ", dead_origin, dead_reason, dead_at) SELECT j.id, ${schema}.mq_job_dead_letters(), " + VALUES
            + ", NULL, NULL, j.grp, NULL, " + PROPERTIES + """
            , j.name, j.channel_args, NULL, j.retry_backoff, 1, j.payload_json, j.payload_bytes, j.channel_name,
            'its attempts were used up in sqlxmq', pg_catalog.now()
              FROM jobs j WHERE j.attempt_at IS NULL AND j.commit_interval IS NULL ORDER BY j.added, j.depth NULLS FIRST, j.id""";

    /** Whoever may work with the jobs can do so as before. */
    private static final String GRANTS = """
            DO $body${tag}$
            DECLARE
              v_grant text;
            BEGIN
              FOR v_grant IN
                SELECT pg_catalog.format('GRANT %s TO %s', w.what,
                                         CASE WHEN a.grantee = 0::oid THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
                  FROM pg_catalog.pg_class AS c
                  CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) AS a
                  CROSS JOIN LATERAL (
                    SELECT 'SELECT ON ${schemaText}.mq_msgs, ${schemaText}.mq_payloads' WHERE a.privilege_type = 'SELECT'
                    UNION ALL SELECT ${schema}.mq_rights('send by SQL') WHERE a.privilege_type = 'INSERT'
                    UNION ALL SELECT ${schema}.mq_rights('receive') WHERE a.privilege_type IN ('UPDATE', 'DELETE')) AS w (what)
                 WHERE c.oid = '${schemaText}.sqlxmq_old_msgs'::regclass
                   AND a.grantee <> (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user)
              LOOP
                EXECUTE v_grant;
              END LOOP;
            END
            $body${tag}$""";

    private static final String COUNT = """
            SELECT k.kind || ': ' || count(*)::text
              FROM (SELECT CASE WHEN m.dead_origin IS NOT NULL THEN 'dead letters'
                                WHEN m.commit_interval IS NOT NULL THEN 'reserved, not committed yet'
                                WHEN m.attempt_at IS NULL THEN 'ready' ELSE 'delayed, leased or backing off' END AS kind
                      FROM ${schema}.mq_msgs m) AS k
             GROUP BY k.kind ORDER BY k.kind""";
}
