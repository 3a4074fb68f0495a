/** An application on Spring Boot, as a user writes it, that works on messages. */
@NullMarked
package io.sqlmq.benchmarks.boot;

import org.jspecify.annotations.NullMarked;
