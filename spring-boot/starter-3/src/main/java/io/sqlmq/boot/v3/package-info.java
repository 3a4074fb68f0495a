/** What is in packages of its own in Spring Boot 3: JMS, JDBC and health. */
@NullMarked
package io.sqlmq.boot.v3;

import org.jspecify.annotations.NullMarked;
