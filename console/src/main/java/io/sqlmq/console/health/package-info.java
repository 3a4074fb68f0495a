/** What makes the queues of a database sick. */
@NullMarked
package io.sqlmq.console.health;

import org.jspecify.annotations.NullMarked;
