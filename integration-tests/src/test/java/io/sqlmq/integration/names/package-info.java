/** What names of destinations can say, as ActiveMQ has it. */
@NullMarked
package io.sqlmq.integration.names;

import org.jspecify.annotations.NullMarked;
