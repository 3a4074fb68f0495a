package io.sqlmq.boot;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.sql.Connection;
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
        if (isOfContainer(beans)) {
            return true;
        }
        OwnDatabase own = beans.getBeanProvider(OwnDatabase.class).getIfAvailable();
        if (own != null) {
            requireIn(own, dataSource);
            return true;
        }
        String url = url(dataSource);
        return url != null && (url.startsWith("jdbc:tc:") || (EMBEDDED && SqlmqEmbedded.isEmbedded(url)));
    }

    /** Boot leads the DataSource there that it makes itself; others stay where they are, and nothing may happen there. */
    private static void requireIn(OwnDatabase own, DataSource dataSource) {
        String url = url(dataSource);
        if (url != null && !withoutParameters(url).equals(withoutParameters(own.jdbcUrl()))) {
            throw new SqlmqStartException(
                    "The DataSource with the messages is at " + withoutParameters(url)
                            + ", and not in the database that was made for this test (@AutoConfigureSqlmq), or for this start"
                            + " (sqlmq.embedded). The application declares the DataSource itself, so that Spring Boot does not lead"
                            + " it there.",
                    "In a test, give it the URL of that database by the property that it has its own from:"
                            + " @SpringBootTest(properties = \"….jdbc-url=${" + OwnDatabase.TEST_URL
                            + "}\"). Or let Spring Boot make the DataSource (spring.datasource.*), or do without"
                            + " @AutoConfigureSqlmq and sqlmq.embedded.",
                    null);
        }
    }

    private static String withoutParameters(String url) {
        return url.replaceFirst("\\?.*", "");
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

    /** Null if nobody says it: whoever uses the DataSource says why. */
    private static @Nullable String url(DataSource dataSource) {
        HikariDataSource pool = HikariPool.of(dataSource);
        if (pool != null && pool.getJdbcUrl() != null) {
            return pool.getJdbcUrl();
        }
        try (Connection connection = dataSource.getConnection()) {
            return connection.getMetaData().getURL();
        } catch (SQLException | RuntimeException e) {
            return null;
        }
    }
}
