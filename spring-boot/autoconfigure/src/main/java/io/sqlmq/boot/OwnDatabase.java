package io.sqlmq.boot;

/**
 * A database that was made for this application context: on the embedded PostgreSQL, for a test or for a start without any
 * preparation. The application's DataSource connects to it, and the tables of sqlmq are created in it.
 *
 * @param jdbcUrl with the user
 */
public record OwnDatabase(String jdbcUrl) {

    /** The property that has the URL of a test's database, for DataSources that the application declares itself. */
    public static final String TEST_URL = "sqlmq.test-url";
}
