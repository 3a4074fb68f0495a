/**
 * The queue engine: send, claim, acknowledge, redeliver, wake up. SQL lives only here, and nothing here knows Jakarta
 * Messaging.
 */
@NullMarked
package io.sqlmq.engine;

import org.jspecify.annotations.NullMarked;
