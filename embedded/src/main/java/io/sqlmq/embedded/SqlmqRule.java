package io.sqlmq.embedded;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.rules.ExternalResource;

/**
 * What {@link SqlmqTest} gives, for JUnit 4: as a {@code @ClassRule} a database per class, as a {@code @Rule} one per
 * test. The database is dropped and the ConnectionFactory closed afterwards.
 *
 * <pre>{@code
 * @ClassRule
 * public static final SqlmqRule SQLMQ = new SqlmqRule();
 * }</pre>
 */
public final class SqlmqRule extends ExternalResource {

    private final String url;
    private final String[] options;
    private @Nullable TestDatabase database;

    /** A database on the embedded server. */
    public SqlmqRule() {
        this("sqlmq:embedded");
    }

    /**
     * @param url the embedded server, with its options; not used with a server named by system property
     * @param options of the ConnectionFactory without their prefix {@code sqlmq.}, such as {@code "ackSync=on"}
     */
    public SqlmqRule(String url, String... options) {
        this.url = url;
        this.options = options.clone();
    }

    @Override
    protected void before() {
        database = TestDatabases.of(url).create(options);
    }

    @Override
    protected void after() {
        database().close();
        database = null;
    }

    /** The same factory for the whole class or test. */
    public SqlmqConnectionFactory connectionFactory() {
        return database().connectionFactory();
    }

    public String jdbcUrl() {
        return database().jdbcUrl();
    }

    /** Opens a new connection for each request. */
    public DataSource dataSource() {
        return database().dataSource();
    }

    /** As {@link Purge#now()}. */
    public void purge() {
        database().purge();
    }

    private TestDatabase database() {
        return Objects.requireNonNull(database, "SqlmqRule needs @Rule or @ClassRule, and works only within the test");
    }
}
