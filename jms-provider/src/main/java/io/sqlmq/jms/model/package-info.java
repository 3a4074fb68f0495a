/**
 * What applications say and are told: destinations, options and policies, an exception. Nothing here connects; the inside of
 * the provider and what is public in {@code io.sqlmq.jms} both stand on it.
 */
@NullMarked
package io.sqlmq.jms.model;

import org.jspecify.annotations.NullMarked;
