/** What sqlmq does in a process, as metrics of Micrometer: {@link io.sqlmq.micrometer.SqlmqMetrics}. */
@NullMarked
package io.sqlmq.micrometer;

import org.jspecify.annotations.NullMarked;
