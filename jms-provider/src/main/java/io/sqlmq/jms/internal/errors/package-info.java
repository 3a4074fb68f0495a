/**
 * Failures: SQLExceptions become JMSExceptions here, and those JMSRuntimeExceptions. {@link io.sqlmq.jms.internal.errors.JmsErrors} is
 * the one place that chooses.
 */
@NullMarked
package io.sqlmq.jms.internal.errors;

import org.jspecify.annotations.NullMarked;
