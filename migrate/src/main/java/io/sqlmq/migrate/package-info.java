/** Creates and upgrades the tables of sqlmq, with Flyway: from the command line, and for {@code io.sqlmq.schema.Migrator}. */
@NullMarked
package io.sqlmq.migrate;

import org.jspecify.annotations.NullMarked;
