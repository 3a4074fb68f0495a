/** Messages that are sent again and again. Over send. */
@NullMarked
package io.sqlmq.engine.schedule;

import org.jspecify.annotations.NullMarked;
