/** The tables of sqlmq and the {@link io.sqlmq.schema.Migrator} that creates, upgrades and checks them. */
@NullMarked
package io.sqlmq.schema;

import org.jspecify.annotations.NullMarked;
