/** Global transactions: branches, their XAResource, and the connections and sessions whose work is in them. */
@NullMarked
package io.sqlmq.jms.internal.xa;

import org.jspecify.annotations.NullMarked;
