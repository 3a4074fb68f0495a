/**
 * The web console: {@link io.sqlmq.console.SqlmqConsole} starts it. It is a user of sqlmq like others, on {@code SqlmqAdmin} and the views
 * that docs/sql.md describes.
 */
@NullMarked
package io.sqlmq.console;

import org.jspecify.annotations.NullMarked;
