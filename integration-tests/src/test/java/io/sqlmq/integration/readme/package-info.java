/** The examples of README.md, run. A change here belongs there too. */
@NullMarked
package io.sqlmq.integration.readme;

import org.jspecify.annotations.NullMarked;
