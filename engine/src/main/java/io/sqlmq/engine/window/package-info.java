/**
 * Transactions of the engine's own in which sessions receive and acknowledge, and receiving in those of others. Over claim,
 * send and topic.
 */
@NullMarked
package io.sqlmq.engine.window;

import org.jspecify.annotations.NullMarked;
