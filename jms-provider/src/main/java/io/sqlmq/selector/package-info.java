/**
 * Message selectors (Jakarta Messaging 3.1 §3.8): text to tokens to a tree, and from the tree either a test in memory or
 * an SQL predicate. Both give the same answer for every message; the semantics are written down at
 * {@link io.sqlmq.selector.Selector}.
 */
@NullMarked
package io.sqlmq.selector;

import org.jspecify.annotations.NullMarked;
