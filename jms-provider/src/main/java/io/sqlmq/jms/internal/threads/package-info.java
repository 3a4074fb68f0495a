/**
 * What knows of threads and nothing of messages: who may enter while a connection is stopped or closed, tasks in order, waiting with
 * an end.
 */
@NullMarked
package io.sqlmq.jms.internal.threads;

import org.jspecify.annotations.NullMarked;
