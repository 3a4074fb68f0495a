package io.sqlmq.embedded;

import io.sqlmq.jms.SqlmqConnectionFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of a test class, or of whatever lives as long, and what was opened on it. It is on a server that starts with the
 * first one and stops with the JVM. Tests use {@link SqlmqTest}; this is for frameworks of tests. Thread-safe.
 */
public final class TestDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TestDatabase.class);

    /**
     * What living processes have registered stays: they believe that it is there. Subscriptions are dropped as when their
     * consumers leave, so that publishers hear of it. Deleting is faster for a few rows, truncating leaves no dead ones;
     * both skip empty tables.
     */
    private static final String PURGE = """
            DO $$
            DECLARE
              t record;
              filled boolean;
            BEGIN
              SET LOCAL lock_timeout = '5s';
              IF to_regclass('%1$s.mq_subscriptions') IS NOT NULL THEN
                PERFORM %1$s.mq_unbind_queue(s.channel) FROM %1$s.mq_subscriptions s
                 WHERE s.to_queue
                   AND NOT EXISTS (SELECT FROM %1$s.mq_waiters w WHERE w.channel_name = s.channel);
                PERFORM %1$s.mq_drop_subscription(s.channel) FROM %1$s.mq_subscriptions s
                 WHERE NOT s.to_queue
                   AND NOT EXISTS (SELECT FROM %1$s.mq_subscribers c JOIN %1$s.mq_owners o USING (owner)
                                    WHERE c.channel = s.channel AND o.alive_until > statement_timestamp());
              END IF;
              PERFORM %1$s.mq_resume(p.channel_name) FROM %1$s.mq_paused p;
              PERFORM %1$s.mq_unlimit(l.channel_name) FROM %1$s.mq_limits l;
              FOR t IN
                SELECT c.oid::regclass AS name, pg_relation_size(c.oid) > 1000000 AS large
                FROM pg_class c
                WHERE c.relnamespace = '%1$s'::regnamespace
                  AND c.relkind IN ('r', 'p')
                  AND c.relname LIKE 'mq\\_%%'
                  AND c.relname NOT IN ('mq_schema_history', 'mq_owners', 'mq_waiters', 'mq_clients', 'mq_exclusives', 'mq_signatures',
                                        'mq_subscribers', 'mq_subscriptions', 'mq_topics', 'mq_gone_channels')
                ORDER BY c.relname
              LOOP
                IF t.large THEN
                  EXECUTE 'TRUNCATE ' || t.name;
                ELSE
                  EXECUTE 'SELECT EXISTS (SELECT FROM ' || t.name || ')' INTO filled;
                  IF filled THEN
                    EXECUTE 'DELETE FROM ' || t.name;
                  END IF;
                END IF;
              END LOOP;
            END
            $$""".formatted(Provider.SCHEMA);

    private final TestDatabases databases;
    private final String name;
    private final String url;
    private final Map<String, String> options = new LinkedHashMap<>();
    private @Nullable SqlmqConnectionFactory factory;
    private @Nullable Connection purger;

    TestDatabase(TestDatabases databases, String name, String url, String... options) {
        this.databases = databases;
        this.name = name;
        this.url = url;
        for (String option : options) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        "The option \"" + option + "\" is not of the form name=value, such as ackSync=on");
            }
            this.options.put("sqlmq." + option.substring(0, equals), option.substring(equals + 1));
        }
    }

    /** A new database with nothing in it, on the server that {@code @SqlmqTest} has without further options. */
    public static TestDatabase createEmpty() {
        return TestDatabases.of("sqlmq:embedded").createEmpty();
    }

    /** Where it is, with the user. */
    public String jdbcUrl() {
        return url;
    }

    DataSource dataSource() {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        return dataSource;
    }

    synchronized SqlmqConnectionFactory connectionFactory() {
        if (factory == null) {
            factory = Provider.connectionFactory(EmbeddedUrl.append(url, options));
        }
        return factory;
    }

    /** As {@link Purge#now()}. Keeps its connection, as opening one takes longer than to purge. */
    public synchronized void purge() {
        try {
            if (purger == null || !purger.isValid(5)) {
                purger = DriverManager.getConnection(url);
            }
            try (Statement statement = purger.createStatement()) {
                statement.execute(PURGE);
            }
        } catch (SQLException e) {
            throw new EmbeddedDatabaseException(
                    "Could not purge the test database: " + e.getMessage()
                            + "; close sessions with open transactions first",
                    e);
        }
    }

    /** Closes what this object has opened and drops the database. */
    @Override
    public void close() {
        closeFactory();
        databases.drop(name);
    }

    /** Closes what this object has opened, and may open again; the database stays as long as the server, or this JVM. */
    synchronized void closeFactory() {
        if (factory != null) {
            Provider.close(factory);
            factory = null;
        }
        if (purger != null) {
            try {
                purger.close();
            } catch (SQLException e) {
                LOG.debug("Could not close a connection to a test database", e);
            }
            purger = null;
        }
    }
}
