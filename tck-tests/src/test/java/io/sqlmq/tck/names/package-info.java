/** What names of destinations can say, as ActiveMQ has it. */
@NullMarked
package io.sqlmq.tck.names;

import org.jspecify.annotations.NullMarked;
