/** The inside of the module. */
@NullMarked
package io.sqlmq.job.internal;

import org.jspecify.annotations.NullMarked;
