/** The Apache Camel component {@code sqlmq} in Spring Boot applications. */
@NullMarked
package io.sqlmq.camel.springboot;

import org.jspecify.annotations.NullMarked;
