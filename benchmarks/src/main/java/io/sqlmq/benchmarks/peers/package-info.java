/** Measures sqlmq against brokers, each in a process of its own, through the same clients. */
@NullMarked
package io.sqlmq.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
