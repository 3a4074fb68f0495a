package io.sqlmq.example.jobs;

import io.sqlmq.job.Checkpoint;
import io.sqlmq.job.CurrentJob;
import io.sqlmq.job.Job;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** What workers can do. */
final class ImportJobs {
    private static final int CHUNK = 10;
    private static final long MILLIS_PER_CHUNK = 50;

    /** How far an import has come: what a job is sent with, and what its checkpoints are. */
    record Import(String product, int from, int to) {}

    private final JdbcTemplate sql;
    private final TransactionTemplate transaction;

    ImportJobs(JdbcTemplate sql, TransactionTemplate transaction) {
        this.sql = sql;
        this.transaction = transaction;
    }

    /** Writes rows in chunks. Each is one transaction with the checkpoint that says it is done. */
    @Job(channel = "imports", retries = 3, backoff = "1s")
    void importProducts(Import work, CurrentJob job) throws InterruptedException {
        sql.update("INSERT INTO attempts VALUES (?, ?, ?)", work.product(), job.attempt(), work.from());
        for (int from = work.from(); from < work.to(); from += CHUNK) {
            int first = from;
            int next = Math.min(from + CHUNK, work.to());
            transaction.executeWithoutResult(status -> {
                for (int number = first; number < next; number++) {
                    sql.update("INSERT INTO products VALUES (?, ?)", work.product(), number);
                }
                job.checkpoint(Checkpoint.of(new Import(work.product(), next, work.to())));
            });
            Thread.sleep(MILLIS_PER_CHUNK); // as a slow source would
        }
        // The job and the news of it are done together, or neither is.
        transaction.executeWithoutResult(status -> {
            job.complete();
            job.jobs().job("announce").json(work.product()).spawn();
        });
    }

    /** One after the other, in the order in which they were spawned. */
    @Job(channel = "news", ordered = true)
    void announce(String product) {
        sql.update("INSERT INTO news (product) VALUES (?)", product);
    }
}
