/** Branches of global transactions. Over claim, send and topic. */
@NullMarked
package io.sqlmq.engine.xa;

import org.jspecify.annotations.NullMarked;
