/** Tests of Spring Boot applications on the embedded PostgreSQL. */
@NullMarked
package io.sqlmq.boot.test;

import org.jspecify.annotations.NullMarked;
