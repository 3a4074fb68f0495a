package io.sqlmq.embedded;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a field of a {@link SqlmqTest}, static or not: set to what the class gets as a parameter of the same type. Fields
 * for the JDBC URL have {@link JdbcUrl} instead.
 */
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface SqlmqResource {}
