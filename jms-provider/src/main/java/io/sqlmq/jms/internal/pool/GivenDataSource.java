package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.internal.errors.JmsErrors;
import io.sqlmq.jms.internal.errors.Right;
import jakarta.jms.JMSException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;

/**
 * Everything comes from the application's DataSource, or from beneath its proxies where those would give the connection
 * of the thread's transaction; what is kept (LISTEN, upkeep) from beside its pool where that can be. It has one role.
 */
final class GivenDataSource implements DataSources {
    private final DataSource dataSource;
    private final Role role;
    private volatile boolean verified;

    GivenDataSource(DataSource dataSource, @Nullable DataSource upkeep, SqlmqOptions options) {
        DataSources.checkGiven(options);
        DataSource engine = SpringPresence.isThere() ? SpringDataSources.forEngine(dataSource) : dataSource;
        this.dataSource = engine;
        this.role = new Role(engine, beside(dataSource, engine, upkeep, options));
    }

    private static @Nullable Opener beside(
            DataSource dataSource, DataSource engine, @Nullable DataSource upkeep, SqlmqOptions options) {
        if (upkeep != null) {
            return upkeep == dataSource ? null : upkeep::getConnection;
        }
        HikariDataSource pool = Role.hikari(engine);
        return pool == null ? null : BesideHikari.of(pool, options);
    }

    @Override
    public Role role(@Nullable String user, @Nullable String password, boolean inTransaction) throws JMSException {
        if (user != null || password != null) {
            throw new JMSException(
                    "createConnection(user, password) cannot change the role of a given DataSource. Call "
                            + "createConnection(), or make the connection factory with a URL",
                    "28000");
        }
        if (!verified && !inTransaction) {
            verify();
            verified = true;
        }
        return role;
    }

    private void verify() throws JMSException {
        try (Connection connection = dataSource.getConnection()) {
            if (!connection.isWrapperFor(PGConnection.class)) {
                throw new JMSException(
                        "The DataSource is not one of PostgreSQL's driver (its connections cannot be unwrapped to "
                                + PGConnection.class.getName() + " but are "
                                + connection.getMetaData().getDatabaseProductName() + ")",
                        "08001");
            }
            if (connection.unwrap(PGConnection.class).getAutosave() == AutoSave.ALWAYS) {
                throw new JMSException(
                        "The DataSource has autosave=always: a savepoint around each statement would hide failures of "
                                + "transactions. Remove it, or use autosave=never",
                        "08001");
            }
        } catch (SQLException e) {
            throw JmsErrors.from(Right.CONNECT, "Connecting", e);
        }
    }

    @Override
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public void close() {
        // The DataSource belongs to the application.
    }
}
