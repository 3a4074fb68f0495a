package io.sqlmq.boot;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** The pool at the bottom of a DataSource, if it is Boot's usual one. */
final class HikariPool {
    private HikariPool() {}

    /** Null if it is another, or cannot be seen; where the calling thread chooses a pool, the default one. */
    static @Nullable HikariDataSource of(DataSource dataSource) {
        DataSource usual = dataSource instanceof AbstractRoutingDataSource routing
                ? routing.getResolvedDefaultDataSource()
                : dataSource;
        try {
            return usual != null && usual.isWrapperFor(HikariDataSource.class)
                    ? usual.unwrap(HikariDataSource.class)
                    : null;
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            return null; // some wrappers throw whatever they are asked
        }
    }
}
