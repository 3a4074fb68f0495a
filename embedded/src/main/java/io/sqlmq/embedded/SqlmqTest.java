package io.sqlmq.embedded;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class of JUnit 5 (5.9 or newer) or 6 with a database of its own, which has the empty tables of sqlmq in the schema {@code public} and
 * is dropped after the class. May stand on a superclass, on an annotation, and once more on a nested class, which then
 * has its own database. Classes may run in parallel.
 *
 * <p>Parameters of constructors and methods, and fields with {@link SqlmqResource}, may be of the types
 * {@code jakarta.jms.ConnectionFactory}, {@code SqlmqConnectionFactory} (one factory per class, closed after it),
 * {@code javax.sql.DataSource} and {@link Purge}, and {@link String} with {@link JdbcUrl}.
 *
 * <pre>{@code
 * @SqlmqTest
 * class OrdersTest {
 *     @Test
 *     void takesOrders(ConnectionFactory factory) { … }
 * }
 * }</pre>
 *
 * <p>Together with Spring's tests ({@code @SpringBootTest}, {@code @SpringJUnitConfig}), whose contexts are kept for further
 * classes, the database stays until the JVM ends. Test classes that inherit the annotation from one superclass share the
 * database then, as they share the context. Give its URL to the context:
 *
 * <pre>{@code
 * @SqlmqTest
 * @SpringBootTest
 * class OrdersTest {
 *     @JdbcUrl
 *     static String url;
 *
 *     @DynamicPropertySource
 *     static void database(DynamicPropertyRegistry registry) {
 *         registry.add("spring.datasource.url", () -> url);
 *     }
 * }
 * }</pre>
 *
 * <p>The databases are made on the embedded server, unless the system property {@code sqlmq.test.url} names another by a
 * JDBC URL whose user may create databases, or {@code sqlmq.test.database} is {@code testcontainers}.
 */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(SqlmqExtension.class)
public @interface SqlmqTest {

    /** The embedded server, with its options; not used with a server named by system property. */
    String url() default "sqlmq:embedded";

    /** When the tables are emptied. */
    Purge.Time purge() default Purge.Time.ON_DEMAND;

    /** Options of the ConnectionFactory without their prefix {@code sqlmq.}, such as {@code "ackSync=on"}. */
    String[] options() default {};
}
