/**
 * From JMS messages to rows and back: {@link io.sqlmq.jms.internal.mapping.Outbound} and
 * {@link io.sqlmq.jms.internal.mapping.Inbound}, with selectors, schedules and the rules for failed deliveries. No threads.
 */
@NullMarked
package io.sqlmq.jms.internal.mapping;

import org.jspecify.annotations.NullMarked;
