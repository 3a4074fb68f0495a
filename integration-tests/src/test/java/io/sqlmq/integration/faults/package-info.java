/** Bad input and faults: each with the right exception or recovery, nothing lost, nothing doubled that must not be. */
@NullMarked
package io.sqlmq.integration.faults;

import org.jspecify.annotations.NullMarked;
