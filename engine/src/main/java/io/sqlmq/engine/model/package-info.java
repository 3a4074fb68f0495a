/**
 * The values that cross between the engine and those who use it: messages, deliveries, selections, schedules, subscriptions,
 * options, and the exceptions. Uses no statement and nothing else of the engine.
 */
@NullMarked
package io.sqlmq.engine.model;

import org.jspecify.annotations.NullMarked;
