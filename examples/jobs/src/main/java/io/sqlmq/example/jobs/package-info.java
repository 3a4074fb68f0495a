/** Jobs: spawned and completed in transactions, and resumed from a checkpoint by another process. */
@NullMarked
package io.sqlmq.example.jobs;

import org.jspecify.annotations.NullMarked;
