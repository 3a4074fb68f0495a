/**
 * Jobs: messages that name what is to be done, and methods that do it.
 *
 * <p>{@link io.sqlmq.job.Jobs} spawns them, a {@link io.sqlmq.job.JobRegistry} knows the methods, a {@link
 * io.sqlmq.job.JobRunner} runs them. docs/jobs.md tells how.
 */
@NullMarked
package io.sqlmq.job;

import org.jspecify.annotations.NullMarked;
