/** Subscriptions, shared bodies, client identifiers and declared destinations: what is known of names. Over send. */
@NullMarked
package io.sqlmq.engine.topic;

import org.jspecify.annotations.NullMarked;
