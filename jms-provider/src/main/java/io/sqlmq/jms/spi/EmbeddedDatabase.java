package io.sqlmq.jms.spi;

/**
 * A PostgreSQL that is started inside the application on first use, named by URLs such as {@code sqlmq:embedded:orders}.
 * Implementations are found by {@link java.util.ServiceLoader} and are thread-safe.
 */
public interface EmbeddedDatabase {

    /** Whether the URL names a database of this implementation. Never starts anything, never throws. */
    boolean accepts(String url);

    /**
     * Starts the database that the URL names, unless it runs already in this JVM.
     *
     * @param url one that {@link #accepts} returned true for
     * @return a {@code jdbc:postgresql} URL with user, the driver parameters of {@code url} and its {@code sqlmq.}
     *     options; it always has {@code sqlmq.schemaManagement}, which is {@code migrate} unless {@code url} says
     *     otherwise
     * @throws IllegalArgumentException if the URL has an unknown or contradictory option
     * @throws RuntimeException if the server cannot be started; the message says why and what helps
     */
    String jdbcUrl(String url);

    /**
     * Lets a user log in with any password: the role is created, with the rights of a superuser, if it does not exist.
     * A role that exists keeps the rights that it was given. Starts the database if need be.
     *
     * @param url one that {@link #accepts} returned true for
     * @param user the role's name, as given to {@code createConnection(user, password)}
     * @throws RuntimeException if the server cannot be started or refuses to create the role
     */
    void admit(String url, String user);
}
