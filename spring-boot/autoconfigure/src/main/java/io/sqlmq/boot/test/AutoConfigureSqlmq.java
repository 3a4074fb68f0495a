package io.sqlmq.boot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * Puts a {@code @SpringBootTest}, or a slice with a DataSource such as {@code @DataJpaTest} and {@code @JdbcTest}, on an embedded
 * PostgreSQL. Whatever {@code spring.datasource.url} says, the application's DataSource, its Flyway and its Liquibase connect to a
 * database that was made for this class, in which nothing is but what the application's migrations and sqlmq create.
 *
 * <pre>{@code
 * @SpringBootTest
 * @AutoConfigureSqlmq
 * class OrdersTest { … }
 * }</pre>
 *
 * <p>DataSources that the application declares itself stay where they are, and the start fails if the messages are in one of them. They
 * come to the database by the property from which they have their URL: {@code
 * @SpringBootTest(properties = "orders.jdbc-url=${sqlmq.test-url}")}.
 *
 * <p>Classes that inherit the annotation from one class have one database, as they have one application context; before each of
 * them the tables of sqlmq are emptied. The database is dropped when Spring closes the context. Needs {@code
 * io.sqlmq:sqlmq-embedded}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
public @interface AutoConfigureSqlmq {}
