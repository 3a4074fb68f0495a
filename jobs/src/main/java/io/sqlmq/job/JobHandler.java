package io.sqlmq.job;

/** Does what jobs of one name ask for. Called by several threads at once. */
@FunctionalInterface
public interface JobHandler {

    /**
     * Does it. The job is complete when this returns, or by {@link CurrentJob#complete()} before.
     *
     * @throws Exception if it could not be done: it is tried again after its backoff, as long as it has retries
     */
    void run(CurrentJob job) throws Exception;
}
