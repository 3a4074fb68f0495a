package io.sqlmq.camel;

import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What stands around DataSources. */
final class DataSources {
    private DataSources() {}

    /** What is at the bottom of Spring's delegating DataSources. */
    static DataSource bottom(DataSource outer) {
        DataSource dataSource = outer;
        while (dataSource instanceof DelegatingDataSource delegating && delegating.getTargetDataSource() != null) {
            dataSource = delegating.getTargetDataSource();
        }
        return dataSource;
    }

    /** Whether all are one and the same at the bottom. */
    static boolean areOne(Map<String, DataSource> found) {
        return found.values().stream().map(DataSources::bottom).distinct().count() == 1;
    }
}
