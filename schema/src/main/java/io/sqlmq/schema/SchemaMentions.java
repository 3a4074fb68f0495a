package io.sqlmq.schema;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which schemas the functions of a schema, and the defaults of its tables, speak of. Bodies of functions carry the name of
 * their schema as text. When it was renamed, or restored or copied under another name, they work on the tables that now
 * have the old name, or on none.
 */
final class SchemaMentions {
    /**
     * In a literal the apostrophes of a name are doubled. Each process that starts looks: the expression is applied to functions
     * that mention something else than their own schema only, as finding that out takes a tenth of the time. Between mq_ and mq` are
     * the names that begin with mq_, and those are found by an index.
     */
    private static final String IN_FUNCTIONS = """
            SELECT coalesce(mention[1], mention[2], mention[3]) AS name
              FROM (SELECT p.prosrc,
                           pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(p.prosrc,
                             quoted.own || '.mq_', '.mq_'),
                             '''sqlmq ' || quoted.literal || ' ''', ''),
                             'md5(''' || quoted.literal || ''')', '') AS rest
                      FROM pg_catalog.pg_proc AS p
                     WHERE p.pronamespace = own.oid AND p.proname >= 'mq_'::name AND p.proname < 'mq`'::name
                    OFFSET 0) AS f,
                   pg_catalog.regexp_matches(f.prosrc,
                     '("(?:[^"]|"")+")\\.mq_|''sqlmq ("(?:[^"]|"")+") ''|md5\\(''("(?:[^"]|"")+")''\\)', 'g') AS mention
             WHERE pg_catalog.strpos(f.rest, '".mq_') > 0
                OR pg_catalog.strpos(f.rest, '''sqlmq "') > 0
                OR pg_catalog.strpos(f.rest, 'md5(''"') > 0
            UNION ALL
            SELECT CASE WHEN pg_catalog.starts_with(name, '"') THEN name ELSE '"' || name || '"' END
              FROM (SELECT DISTINCT setting
                      FROM pg_catalog.pg_proc AS p, pg_catalog.unnest(p.proconfig) AS setting
                     WHERE p.pronamespace = own.oid AND p.proname >= 'mq_'::name AND p.proname < 'mq`'::name
                       AND pg_catalog.starts_with(setting, 'search_path=')) AS f,
                   pg_catalog.regexp_split_to_table(
                     pg_catalog.substr(f.setting, pg_catalog.length('search_path=') + 1), ', *') AS name
             WHERE name NOT IN ('pg_catalog', 'pg_temp', '""')""";

    /** Of sequences in other schemas. */
    private static final String DEFAULTS = """
            SELECT t.relname AS relation, s.relname AS sequence,
                   (SELECT a.attname FROM pg_catalog.pg_attribute AS a
                     WHERE a.attrelid = d.adrelid AND a.attnum = d.adnum) AS attribute,
                   (SELECT n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.oid = s.relnamespace) AS schema
              FROM pg_catalog.pg_attrdef AS d
              JOIN pg_catalog.pg_class AS t ON t.oid = d.adrelid
              JOIN pg_catalog.pg_depend AS x ON x.classid = 'pg_catalog.pg_attrdef'::regclass::oid AND x.objid = d.oid
                                            AND x.refclassid = 'pg_catalog.pg_class'::regclass::oid
              JOIN pg_catalog.pg_class AS s ON s.oid = x.refobjid AND s.relkind = 'S'
             WHERE t.relnamespace = own.oid AND t.relname::text LIKE 'mq\\_%' AND s.relnamespace <> own.oid""";

    /** An SQL expression: an array of the quoted names of other schemas. Its parameters are those of {@link #bind}. */
    static final String OTHERS = """
            (SELECT coalesce(pg_catalog.array_agg(DISTINCT m.name), '{}')
               FROM pg_catalog.pg_namespace AS own
               JOIN (VALUES (?::name, ?::text, ?::text)) AS quoted (name, own, literal) ON own.nspname = quoted.name,
                    LATERAL (%s
                             UNION ALL
                             SELECT '"' || pg_catalog.replace(d.schema::text, '"', '""') || '"' FROM (%s) AS d) AS m
              WHERE m.name NOT IN (quoted.own, quoted.literal))""".formatted(IN_FUNCTIONS, DEFAULTS);

    private static final String DEFINITIONS = """
            SELECT pg_catalog.pg_get_functiondef(p.oid)
              FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS own ON own.oid = p.pronamespace
             WHERE own.nspname = ?::name AND p.proname::text LIKE 'mq\\_%' AND p.prokind = 'f'""";

    private static final Pattern TOKEN = Pattern.compile("--[^\\n]*+|'(?:[^']++|'')*+'|\"(?:[^\"]++|\"\")*+\"");
    private static final Pattern SEARCH_PATH = Pattern.compile("(?m)^ SET search_path TO .*$");

    private final SchemaName own;

    SchemaMentions(SchemaName own) {
        this.own = own;
    }

    /**
     * Sets the parameters of {@link #OTHERS}.
     *
     * @param first the number of its first parameter in the statement
     */
    void bind(PreparedStatement statement, int first) throws SQLException {
        statement.setString(first, own.name());
        statement.setString(first + 1, own.quoted());
        statement.setString(first + 2, own.quoted().replace("'", "''"));
    }

    /** The value of {@link #OTHERS}. */
    static List<String> read(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    /** Names of other schemas, quoted as they were found; empty if all is well. One round trip. */
    List<String> others(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + OTHERS + " AS others")) {
            bind(statement, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return read(row, "others");
            }
        }
    }

    /**
     * Makes functions and defaults speak of their own schema, within the transaction of the connection. What they belong to
     * and who may call them stays.
     */
    void repair(Connection connection) throws SQLException {
        List<String> statements = new ArrayList<>();
        Set<SchemaName> others = new LinkedHashSet<>();
        for (String other : others(connection)) {
            String name = other.substring(1, other.length() - 1).replace("\"\"", "\"");
            others.add(new SchemaName(name));
            others.add(new SchemaName(name.replace("''", "'")));
        }
        others.remove(own);
        try (PreparedStatement statement = connection.prepareStatement(DEFINITIONS)) {
            statement.setString(1, own.name());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String definition = rows.getString(1);
                    String repaired = renamed(definition, others);
                    if (!repaired.equals(definition)) {
                        statements.add(repaired);
                    }
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT format('ALTER TABLE %%I.%%I ALTER COLUMN %%I SET DEFAULT nextval(%%L)',
                              own.nspname, d.relation, d.attribute, format('%%I.%%I', own.nspname, d.sequence))
                  FROM pg_catalog.pg_namespace AS own, LATERAL (%s) AS d
                 WHERE own.nspname = ?::name""".formatted(DEFAULTS))) {
            statement.setString(1, own.name());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    statements.add(rows.getString(1));
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false); // a body may hold what looks like an escape of JDBC
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String renamed(String definition, Set<SchemaName> others) {
        String result = definition;
        for (SchemaName other : others) {
            result = TOKEN.matcher(result).replaceAll(token -> Matcher.quoteReplacement(renamed(token, other)));
            result = SEARCH_PATH
                    .matcher(result)
                    .replaceAll(line ->
                            Matcher.quoteReplacement(line.group().replace(literal(other.name()), literal(own.name()))));
        }
        return result;
    }

    private String renamed(MatchResult token, SchemaName other) {
        String text = token.group();
        return switch (text.charAt(0)) {
            case '"' -> text.equals(other.quoted()) ? own.quoted() : text;
            case '\'' ->
                literal(text.substring(1, text.length() - 1).replace("''", "'").replace(other.quoted(), own.quoted()));
            default -> text; // a comment
        };
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
