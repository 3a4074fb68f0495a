/** Writing messages: to queues, topics and schedules, together with those of others. Over channel. */
@NullMarked
package io.sqlmq.engine.send;

import org.jspecify.annotations.NullMarked;
