package io.sqlmq.cli;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * Where the database is, and which schema of it has the tables. What is not said comes from the environment, as psql has it; a password that
 * is not in the environment either from the password file, where the driver looks by itself.
 */
final class Target {
    private static final String APPLICATION = "sqlmq-cli";

    @Option(
            names = "--url",
            scope = ScopeType.INHERIT,
            paramLabel = "<url>",
            description =
                    "jdbc:postgresql://host:port/database or postgresql://user@host:port/database, with parameters of the driver and "
                            + "options of sqlmq (sqlmq.schema=mq); else SQLMQ_URL, else PGHOST, PGPORT, PGDATABASE")
    private @Nullable String url;

    @Option(
            names = "--user",
            scope = ScopeType.INHERIT,
            paramLabel = "<role>",
            description = "the role to connect as; else that of the URL, else PGUSER, else the name of the account")
    private @Nullable String user;

    @Option(
            names = "--password",
            scope = ScopeType.INHERIT,
            interactive = true,
            description =
                    "ask for the password; else SQLMQ_PASSWORD, PGPASSWORD, the password file (PGPASSFILE, or where psql has it)")
    private char @Nullable [] password;

    @Option(
            names = "--schema",
            scope = ScopeType.INHERIT,
            paramLabel = "<schema>",
            description = "the schema of the tables; else the one that has them")
    private @Nullable String schema;

    /** A factory that has not connected yet, with role and password; its option schema is set if it was said. */
    SqlmqConnectionFactory factory(Map<String, String> environment) {
        String text = first(url, environment.get("SQLMQ_URL"));
        Address address = text == null ? Address.of(environment) : Address.parse(text);
        SqlmqConnectionFactory factory = new SqlmqConnectionFactory(address.jdbcUrl());
        SqlmqOptions options = factory.getOptions();
        options.setUser(first(
                user, options.getUser(), address.user, environment.get("PGUSER"), System.getProperty("user.name")));
        options.setPassword(
                password != null
                        ? new String(password)
                        : first(
                                options.getPassword(),
                                address.password,
                                environment.get("SQLMQ_PASSWORD"),
                                environment.get("PGPASSWORD")));
        if (schema != null) {
            options.setSchema(schema);
        }
        if (!options.getDriverParameters().containsKey("ApplicationName")) {
            options.setApplicationName(APPLICATION);
        }
        return factory;
    }

    /** Whether {@code --schema} or the URL says it. */
    boolean saysSchema(Map<String, String> environment) {
        String text = first(url, environment.get("SQLMQ_URL"));
        return schema != null || (text != null && text.contains("sqlmq.schema="));
    }

    /** A connection of its own, outside of any pool. */
    static Connection connect(SqlmqOptions options) {
        Properties properties = new Properties();
        properties.setProperty("connectTimeout", "10");
        // A pooler may hand the next statement to a server that has others of that name.
        properties.setProperty("prepareThreshold", "0");
        properties.setProperty("ApplicationName", options.getApplicationName());
        String user = options.getUser();
        String password = options.getPassword();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        try {
            return DriverManager.getConnection(String.valueOf(options.getUrl()), properties);
        } catch (SQLException e) {
            throw Problem.notReached("the database could not be reached as " + user + ": " + reason(e), e);
        }
    }

    /** The driver says of some causes only that there is one. */
    private static String reason(SQLException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "there is no host " + cause.getMessage();
            }
        }
        String message = String.valueOf(e.getMessage()).strip();
        return e.getCause() == null
                        || message.contains(String.valueOf(e.getCause().getMessage()))
                ? message
                : message + " (" + e.getCause().getMessage() + ")";
    }

    /**
     * The schemas with a table of the name, by name: {@code mq_schema_history} is sqlmq's, {@code mq_msgs} is sqlxmq's too.
     */
    static List<String> schemas(Connection connection, String table) throws SQLException {
        List<String> schemas = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relname = ? AND c.relkind IN ('r', 'p') ORDER BY 1""")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    schemas.add(rows.getString(1));
                }
            }
        }
        return schemas;
    }

    static @Nullable String first(@Nullable String... candidates) {
        for (String candidate : candidates) {
            if (candidate != null && !candidate.isEmpty()) {
                return candidate;
            }
        }
        return null;
    }

    /**
     * A URL without role and password in it.
     *
     * @param base up to the question mark
     */
    private record Address(
            String base,
            Map<String, String> parameters,
            @Nullable String user,
            @Nullable String password) {

        static Address of(Map<String, String> environment) {
            Map<String, String> parameters = new LinkedHashMap<>();
            put(parameters, "sslmode", environment.get("PGSSLMODE"));
            put(parameters, "sslrootcert", environment.get("PGSSLROOTCERT"));
            put(parameters, "options", environment.get("PGOPTIONS"));
            put(parameters, "ApplicationName", environment.get("PGAPPNAME"));
            String host = first(environment.get("PGHOST"), "localhost");
            if (host != null && host.startsWith("/")) {
                throw Problem.wrongArguments(
                        "PGHOST is the directory of a socket, which Java's driver does not use: give a host with --url");
            }
            String database = first(
                    environment.get("PGDATABASE"),
                    environment.get("PGUSER"),
                    System.getProperty("user.name"),
                    "postgres");
            return new Address(
                    "jdbc:postgresql://" + host + ":" + first(environment.get("PGPORT"), "5432") + "/"
                            + encode(database),
                    parameters,
                    null,
                    null);
        }

        private static void put(Map<String, String> parameters, String name, @Nullable String value) {
            if (value != null && !value.isEmpty()) {
                parameters.put(name, value);
            }
        }

        /** Messages do not repeat what was given, since a password may be in it. */
        static Address parse(String text) {
            String rest = text.replaceFirst("^jdbc:", "").replaceFirst("^postgres(ql)?:", "");
            if (rest.equals(text) || (text.startsWith("jdbc:") && !text.startsWith("jdbc:postgresql:"))) {
                throw Problem.wrongArguments("the URL is not one of PostgreSQL: jdbc:postgresql://host:port/database, "
                        + "or postgresql://user@host:port/database");
            }
            int question = rest.indexOf('?');
            String base = question < 0 ? rest : rest.substring(0, question);
            Map<String, String> parameters = new LinkedHashMap<>();
            if (question >= 0) {
                for (String parameter : rest.substring(question + 1).split("&", -1)) {
                    int equals = parameter.indexOf('=');
                    if (equals > 0) {
                        parameters.put(parameter.substring(0, equals), decode(parameter.substring(equals + 1)));
                    }
                }
            }
            String user = parameters.remove("user");
            String password = parameters.remove("password");
            int at = base.lastIndexOf('@');
            if (at >= 0) {
                String login = base.substring(2, at);
                int colon = login.indexOf(':');
                user = decode(colon < 0 ? login : login.substring(0, colon));
                password = colon < 0 ? password : decode(login.substring(colon + 1));
                base = "//" + base.substring(at + 1);
            }
            if (base.matches("//[^/]+")) {
                base += "/";
            }
            return new Address("jdbc:postgresql:" + base, parameters, user, password);
        }

        String jdbcUrl() {
            StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
            parameters.forEach((name, value) -> query.add(name + "=" + encode(value)));
            return base + query;
        }

        private static String decode(String value) {
            try {
                return URLDecoder.decode(value, StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw Problem.wrongArguments("a value in the URL is not percent-encoded correctly (write %25 for %)");
            }
        }

        private static String encode(@Nullable String value) {
            return URLEncoder.encode(String.valueOf(value), StandardCharsets.UTF_8)
                    .replace("+", "%20");
        }
    }
}
