/** Spans of OpenTelemetry for messages: {@link io.sqlmq.opentelemetry.SqlmqTelemetry}. */
@NullMarked
package io.sqlmq.opentelemetry;

import org.jspecify.annotations.NullMarked;
