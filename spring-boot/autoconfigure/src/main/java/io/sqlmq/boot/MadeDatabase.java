package io.sqlmq.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.sql.SQLException;
import java.util.Arrays;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/** Tells databases that were made for this run, in which tables may be created without asking, from those that are there to stay. */
final class MadeDatabase {
    private static final boolean EMBEDDED =
            ClassUtils.isPresent("io.sqlmq.embedded.SqlmqEmbedded", MadeDatabase.class.getClassLoader());

    /** What Boot 4 and Boot 3 know connections by. */
    private static final String[] CONNECTION_DETAILS = {
        "org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails",
        "org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails"
    };

    private MadeDatabase() {}

    static boolean is(DataSource dataSource, ConfigurableListableBeanFactory beans) {
        if (beans.getBeanNamesForType(OwnDatabase.class).length > 0 || isOfContainer(beans)) {
            return true;
        }
        String url = url(dataSource);
        return url != null && (url.startsWith("jdbc:tc:") || (EMBEDDED && SqlmqEmbedded.isEmbedded(url)));
    }

    /** Whether Testcontainers or Docker Compose has started it for this application. */
    private static boolean isOfContainer(ConfigurableListableBeanFactory beans) {
        return Arrays.stream(CONNECTION_DETAILS)
                .filter(name -> ClassUtils.isPresent(name, beans.getBeanClassLoader()))
                .map(name -> ClassUtils.resolveClassName(name, beans.getBeanClassLoader()))
                .flatMap(type -> beans.getBeansOfType(type).values().stream())
                .map(details -> details.getClass().getName())
                .anyMatch(name -> name.contains(".testcontainers.") || name.contains(".docker.compose."));
    }

    private static @Nullable String url(DataSource dataSource) {
        try {
            return dataSource.isWrapperFor(HikariDataSource.class)
                    ? dataSource.unwrap(HikariDataSource.class).getJdbcUrl()
                    : null;
        } catch (SQLException e) {
            return null;
        }
    }
}
