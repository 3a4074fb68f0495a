package io.sqlmq.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.stream.Stream;
import org.jobrunr.configuration.JobRunr;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.sql.postgres.PostgresStorageProvider;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;

/** Jobs with JobRunr: requests, which it handles quicker than lambdas, and as many workers as it has by itself, or it mostly waits. */
final class ThroughJobRunr extends OtherJobs {

    private final String data;
    private final HikariDataSource pool;
    private final JobRequestScheduler scheduler;

    ThroughJobRunr(Tables tables, String data, int perCommit, int threads) throws Exception {
        super(
                tables,
                "SELECT count(*) FROM jobrunr_jobs WHERE state IN ('ENQUEUED', 'PROCESSING')",
                perCommit,
                threads);
        this.data = data;
        pool = tables.pool(2 * threads + 3);
        scheduler = JobRunr.configure()
                .useJsonMapper(new Jackson3JsonMapper())
                .useStorageProvider(new PostgresStorageProvider(pool))
                .useJobActivator(new Activator(this))
                .useBackgroundJobServer(BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andPollInterval(Duration.ofSeconds(5)))
                .initialize()
                .getJobRequestScheduler();
    }

    /**
     * A job.
     *
     * @param data its payload
     */
    public record Read(String data) implements JobRequest {
        @Override
        public Class<Handler> getJobRequestHandler() {
            return Handler.class;
        }
    }

    /** Runs it. */
    public static final class Handler implements JobRequestHandler<Read> {
        private final ThroughJobRunr side;

        Handler(ThroughJobRunr side) {
            this.side = side;
        }

        @Override
        public void run(Read request) {
            side.read(request.data());
        }
    }

    private record Activator(ThroughJobRunr side) implements JobActivator {
        @Override
        public <T> T activateJob(Class<T> type) {
            return type.cast(new Handler(side));
        }
    }

    @Override
    void spawn(int jobs) {
        scheduler.enqueue(Stream.generate(() -> new Read(data)).limit(jobs));
    }

    @Override
    public void close() throws Exception {
        super.close();
        JobRunr.destroy();
        pool.close();
    }
}
