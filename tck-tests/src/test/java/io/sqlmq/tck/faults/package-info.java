/** Bad input and faults: each with the right exception or recovery, nothing lost, nothing doubled that must not be. */
@NullMarked
package io.sqlmq.tck.faults;

import org.jspecify.annotations.NullMarked;
