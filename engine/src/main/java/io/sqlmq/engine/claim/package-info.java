/** Claiming messages, and how claimed ones come back: claims, rows, leases, give-backs, signatures. Over channel. */
@NullMarked
package io.sqlmq.engine.claim;

import org.jspecify.annotations.NullMarked;
