package io.sqlmq.example.jobs;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.job.JobRegistry;
import io.sqlmq.job.JobRunner;
import io.sqlmq.job.Jobs;
import java.io.IOException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A worker process. It ends when its input does. */
final class Worker {
    private Worker() {}

    /** The argument is the URL of the database. */
    public static void main(String[] arguments) throws IOException {
        try (HikariDataSource dataSource = new HikariDataSource()) {
            dataSource.setJdbcUrl(arguments[0]);
            TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));
            JobRegistry registry =
                    new JobRegistry().register(new ImportJobs(new JdbcTemplate(dataSource), transaction));
            try (Jobs jobs = Jobs.on(dataSource, registry);
                    JobRunner runner = jobs.runner().concurrency(1, 4).start()) {
                while (System.in.read() >= 0) {
                    // Whoever started it is still there.
                }
            }
        }
    }
}
