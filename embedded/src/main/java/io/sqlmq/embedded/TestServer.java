package io.sqlmq.embedded;

import java.util.LinkedHashMap;
import java.util.Map;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The server that test databases are made on.
 *
 * @param url a JDBC URL with whose user databases can be created
 * @param ours whether it ends with this JVM
 */
record TestServer(String url, boolean ours) {

    static final String URL_PROPERTY = "sqlmq.test.url";
    static final String DATABASE_PROPERTY = "sqlmq.test.database";

    private static final String IMAGE_PROPERTY = "sqlmq.test.image";

    /** The server that the system properties name, or the embedded one. */
    static TestServer of(String embeddedUrl) {
        String url = System.getProperty(URL_PROPERTY, "");
        if (!url.isBlank()) {
            return new TestServer(url, false);
        }
        String database = System.getProperty(DATABASE_PROPERTY, "");
        return switch (database) {
            case "", "embedded" -> embedded(embeddedUrl);
            case "testcontainers" -> container();
            default ->
                throw new IllegalArgumentException("The system property " + DATABASE_PROPERTY + " is \"" + database
                        + "\"; it must be embedded or testcontainers, or leave it out and set " + URL_PROPERTY);
        };
    }

    private static TestServer container() {
        try {
            return new TestServer(Container.url(), true);
        } catch (NoClassDefFoundError e) {
            throw new EmbeddedDatabaseException(
                    DATABASE_PROPERTY + "=testcontainers needs the artifact"
                            + " org.testcontainers:testcontainers-postgresql (2.0 or later) on the class path",
                    e);
        }
    }

    private static TestServer embedded(String url) {
        EmbeddedUrl parsed = EmbeddedUrl.parse(url);
        Map<String, String> parameters = new LinkedHashMap<>(Provider.VALIDATE);
        parameters.putAll(parsed.connectionParameters());
        return new TestServer(
                SqlmqEmbedded.named(parsed.name(), parsed.options()).jdbcUrl(parameters), true);
    }

    /** The URL of another database of the server. */
    String url(String database) {
        return withDatabase(url, database);
    }

    static String withDatabase(String url, String database) {
        int hosts = url.indexOf("//");
        if (!url.startsWith("jdbc:postgresql:") || hosts < 0) {
            throw new IllegalArgumentException("\"" + url.replaceAll("password=[^&]*", "password=…")
                    + "\" in the system property " + URL_PROPERTY + " is not of the form"
                    + " jdbc:postgresql://host:port/database?user=…&password=…");
        }
        int query = url.indexOf('?') < 0 ? url.length() : url.indexOf('?');
        int path = url.indexOf('/', hosts + 2);
        int end = path < 0 || path > query ? query : path;
        return url.substring(0, end) + "/" + database + url.substring(query);
    }

    /** A class of its own, as Testcontainers need not be on the class path. */
    private static final class Container {

        private static final PostgreSQLContainer SHARED = start();

        private Container() {}

        // Testcontainers removes the container when this JVM has ended.
        @SuppressWarnings("resource")
        private static PostgreSQLContainer start() {
            PostgreSQLContainer container = new PostgreSQLContainer(
                            System.getProperty(IMAGE_PROPERTY, "postgres:18-alpine"))
                    .withCommand(
                            "postgres",
                            "-c",
                            "fsync=off",
                            "-c",
                            "max_connections=300",
                            "-c",
                            "max_prepared_transactions=64");
            container.start();
            return container;
        }

        static String url() {
            return EmbeddedUrl.append(
                    SHARED.getJdbcUrl(), Map.of("user", SHARED.getUsername(), "password", SHARED.getPassword()));
        }
    }
}
