/** What other modules of sqlmq work on: the engine of a connection factory. Not for applications; may change with any release. */
@NullMarked
package io.sqlmq.jms.access;

import org.jspecify.annotations.NullMarked;
