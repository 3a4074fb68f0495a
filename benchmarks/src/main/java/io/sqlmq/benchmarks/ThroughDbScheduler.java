package io.sqlmq.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Jobs with db-scheduler, as its documentation has it for many of them on PostgreSQL: lock-and-fetch, and immediate execution. */
final class ThroughDbScheduler extends OtherJobs {

    private final String data;
    private final HikariDataSource pool;
    private final OneTimeTask<String> task;
    private final Scheduler scheduler;

    ThroughDbScheduler(Tables tables, String data, int perCommit, int threads) throws Exception {
        super(tables, "SELECT count(*) FROM scheduled_tasks", perCommit, threads);
        this.data = data;
        tables.execute("""
                CREATE TABLE IF NOT EXISTS scheduled_tasks (
                  task_name text NOT NULL, task_instance text NOT NULL, task_data bytea, execution_time timestamptz NOT NULL,
                  picked boolean NOT NULL, picked_by text, last_success timestamptz, last_failure timestamptz,
                  consecutive_failures int, last_heartbeat timestamptz, version bigint NOT NULL, priority smallint,
                  PRIMARY KEY (task_name, task_instance));
                CREATE INDEX IF NOT EXISTS execution_time_idx ON scheduled_tasks (execution_time);
                CREATE INDEX IF NOT EXISTS last_heartbeat_idx ON scheduled_tasks (last_heartbeat)""");
        pool = tables.pool(2 * threads + 3);
        task = Tasks.oneTime("read", String.class).execute((instance, context) -> read(instance.getData()));
        scheduler = Scheduler.create(pool, task)
                .threads(threads)
                .pollUsingLockAndFetch(0.5, 4)
                .pollingInterval(Duration.ofSeconds(1))
                .enableImmediateExecution()
                .build();
        scheduler.start();
    }

    @Override
    void spawn(int jobs) {
        List<TaskInstance<?>> batch = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            batch.add(task.instance(UUID.randomUUID().toString(), data));
        }
        scheduler.scheduleBatch(batch, Instant.now());
    }

    @Override
    public void close() throws Exception {
        super.close();
        scheduler.stop();
        pool.close();
    }
}
