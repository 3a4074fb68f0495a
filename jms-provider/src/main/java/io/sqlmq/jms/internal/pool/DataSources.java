package io.sqlmq.jms.internal.pool;

import io.sqlmq.jms.SqlmqOptions;
import jakarta.jms.JMSException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The database connections of a connection factory, by role. Nothing connects before it must. Thread-safe. */
public interface DataSources extends AutoCloseable {

    /**
     * Pools over the URL of the options.
     *
     * @throws IllegalArgumentException if the options have no URL
     */
    static DataSources pooled(SqlmqOptions options) {
        return new PooledRoles(options.copy());
    }

    /** As {@link #given(DataSource, DataSource, SqlmqOptions)}, without another one. */
    static DataSources given(DataSource dataSource, SqlmqOptions options) {
        return given(dataSource, null, options);
    }

    /**
     * The application's own DataSource, which stays the application's to close.
     *
     * @param upkeep another one to the same database, for connections that are kept; null: beside the application's pool, if that says
     *     how, else of it
     * @throws IllegalArgumentException if the options contradict a given DataSource
     */
    static DataSources given(DataSource dataSource, @Nullable DataSource upkeep, SqlmqOptions options) {
        return new GivenDataSource(dataSource, upkeep, options);
    }

    /**
     * Refuses options that are a given DataSource's business.
     *
     * @throws IllegalArgumentException naming them
     */
    static void checkGiven(SqlmqOptions options) {
        if (options.getUser() != null || options.getUrl() != null) {
            throw new IllegalArgumentException("Options name a user or a URL although a DataSource is given; configure "
                    + "the DataSource, or give a URL instead of it");
        }
    }

    /** The role of connections created without a user name. The first call connects; later ones cost nothing. */
    default Role defaultRole() throws JMSException {
        return role(null, null, false);
    }

    /**
     * The role of {@code createConnection(user, password)} (§6.1.1). Credentials that were not seen before are verified by
     * connecting.
     *
     * @param user null, with a null password, for the default role
     * @param inTransaction whether the calling thread holds a connection of a given DataSource, so that another may be one
     *     too many
     * @throws jakarta.jms.JMSSecurityException if the database refuses the credentials
     */
    Role role(@Nullable String user, @Nullable String password, boolean inTransaction) throws JMSException;

    /** What {@link #defaultRole()} uses for transactions, without connecting. */
    DataSource dataSource();

    /** Closes all pools; their connections break off. Idempotent. */
    @Override
    void close();
}
