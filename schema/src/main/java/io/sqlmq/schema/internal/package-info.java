/** Shared by the modules of sqlmq; not for applications. */
@NullMarked
package io.sqlmq.schema.internal;

import org.jspecify.annotations.NullMarked;
