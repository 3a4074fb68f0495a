/** What is in packages of its own in Spring Boot 4: JMS, JDBC and health. */
@NullMarked
package io.sqlmq.boot.v4;

import org.jspecify.annotations.NullMarked;
