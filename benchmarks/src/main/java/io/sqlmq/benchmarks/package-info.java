/** Measures the provider against hand-written JDBC on the same tables, on the same server, in the same run. */
@NullMarked
package io.sqlmq.benchmarks;

import org.jspecify.annotations.NullMarked;
