package io.sqlmq.jms.internal.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A pool that throws a broken connection away without a warning for each: that connections were lost, and why, the engine says
 * once for all of them. Thread-safe.
 */
final class QuietPool extends HikariDataSource {

    /** The driver's connections, and as what each was last lent; null: evicted. */
    private final Map<Connection, @Nullable Connection> lent = Collections.synchronizedMap(new WeakHashMap<>());

    QuietPool() {
        setExceptionOverride(new BrokenConnections());
    }

    @java.lang.Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        if (connection.unwrap(PGConnection.class) instanceof Connection driver) {
            lent.put(driver, connection);
        }
        return connection;
    }

    /** Returns whether there are any that the driver has given up, so that nobody else need look at the failure. */
    private boolean evictBroken() throws SQLException {
        boolean any = false;
        synchronized (lent) { // whoever has one of them closes it after this
            for (Map.Entry<Connection, @Nullable Connection> entry : lent.entrySet()) {
                if (entry.getKey().isClosed()) {
                    Connection broken = entry.setValue(null);
                    if (broken != null) {
                        evictConnection(broken);
                    }
                    any = true;
                }
            }
        }
        return any;
    }

    private final class BrokenConnections implements SQLExceptionOverride {
        @java.lang.Override
        public SQLExceptionOverride.Override adjudicate(SQLException e) {
            try {
                if (evictBroken()) {
                    return SQLExceptionOverride.Override.DO_NOT_EVICT;
                }
            } catch (SQLException unknown) {
                e.addSuppressed(unknown);
            }
            return SQLExceptionOverride.Override.CONTINUE_EVICT;
        }
    }
}
