/** A real PostgreSQL inside the application or the test: servers by name, the JUnit 5 extension and the JUnit 4 rule. */
@NullMarked
package io.sqlmq.embedded;

import org.jspecify.annotations.NullMarked;
