/**
 * The command line: one class a verb, on the public API of the provider and on the views and functions that docs/sql.md and docs/operating.md
 * describe.
 */
@NullMarked
package io.sqlmq.cli;

import org.jspecify.annotations.NullMarked;
