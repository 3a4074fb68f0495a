/**
 * What speaks to the driver: statements in one round trip, failures and what they mean, outages, the engine's own
 * connections and threads. Over the model.
 */
@NullMarked
package io.sqlmq.engine.jdbc;

import org.jspecify.annotations.NullMarked;
