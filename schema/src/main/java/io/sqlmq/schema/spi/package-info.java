/** What the module sqlmq-migrate implements. */
@NullMarked
package io.sqlmq.schema.spi;

import org.jspecify.annotations.NullMarked;
