package io.sqlmq.job;

/** Hears of each attempt that failed, on the thread of the job. Exceptions that it throws are logged. */
@FunctionalInterface
public interface JobErrorHandler {

    /**
     * An attempt failed. The job is given back already, to be tried again or as a dead letter.
     *
     * @param failure what its handler threw; {@link UnknownJobException} if there is none for its name; {@link
     *     LostJobException} if somebody else has got the job meanwhile
     */
    void failed(CurrentJob job, Throwable failure);
}
