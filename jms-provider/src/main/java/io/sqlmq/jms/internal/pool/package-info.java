/** Connections to the database, by role: pools of our own over a URL, or the DataSource of the application. */
@NullMarked
package io.sqlmq.jms.internal.pool;

import org.jspecify.annotations.NullMarked;
