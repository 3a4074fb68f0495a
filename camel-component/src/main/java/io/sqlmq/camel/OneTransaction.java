package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqTransactionManager;
import jakarta.jms.ConnectionFactory;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import javax.sql.DataSource;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.BeanIntrospection;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Looks, when a transacted consumer starts, for what its route does outside of its transaction: the route, and those that it
 * calls by {@code direct}. What would break the transaction is refused, what stands beside it is a warning.
 */
final class OneTransaction {
    private static final Logger log = LoggerFactory.getLogger(OneTransaction.class);

    // By name: none of them needs to be on the class path.
    private static final String JDBC = "org.apache.camel.component.jdbc.JdbcEndpoint";
    private static final String PLAIN = "org.apache.camel.component.jdbc.DefaultConnectionStrategy";
    private static final String SQL = "org.apache.camel.component.sql.DefaultSqlEndpoint";
    private static final String TRANSACTED = "org.apache.camel.spring.spi.TransactionErrorHandler";

    private final SqlmqEndpoint from;
    private final SqlmqTransactionManager manager;

    private OneTransaction(SqlmqEndpoint from, SqlmqTransactionManager manager) {
        this.from = from;
        this.manager = manager;
    }

    /**
     * Looks through the routes of an endpoint.
     *
     * @throws IllegalArgumentException if one would commit in its midst
     */
    static void check(SqlmqEndpoint from, SqlmqTransactionManager manager) {
        RouteNodes.visit(from, new OneTransaction(from, manager)::node);
    }

    private void node(Object node, Route route) {
        if (node instanceof EndpointAware aware && node instanceof Processor) {
            endpoint(aware.getEndpoint(), route);
        }
        if (ClassNames.is(node, TRANSACTED)) {
            transacted(node, route);
        }
    }

    private void endpoint(@Nullable Endpoint to, Route route) {
        if (to == null) {
            return;
        }
        if (ClassNames.is(to, JDBC)) {
            jdbc(to, route);
        } else if (ClassNames.is(to, SQL)) {
            sql(
                    property(to, "jdbcTemplate") instanceof JdbcTemplate template ? template.getDataSource() : null,
                    to,
                    route);
        } else if (to instanceof SqlmqEndpoint other) {
            ConnectionFactory factory = ConnectionFactories.unwrap(other.getConnectionFactory());
            if (factory != manager.getResourceFactory()) {
                log.warn(
                        "The route {} from {} is one transaction, but {} sends by another connection factory: that is"
                                + " committed by itself",
                        route.getRouteId(),
                        from,
                        to);
            }
        }
    }

    private void jdbc(Endpoint to, Route route) {
        if (Boolean.TRUE.equals(property(to, "resetAutoCommit"))) {
            throw new IllegalArgumentException("The route " + route.getRouteId() + " from " + from
                    + " is one transaction, but " + to + " commits what it does. Use sql: in its place, or add"
                    + " resetAutoCommit=false there and give it a TransactionAwareDataSourceProxy; or set transacted=false"
                    + " on " + from);
        }
        Object dataSource = property(to, "dataSource");
        Object strategy = property(to, "connectionStrategy");
        if (strategy != null
                && ClassNames.is(strategy, PLAIN)
                && !(dataSource instanceof TransactionAwareDataSourceProxy)) {
            log.warn(
                    "The route {} from {} is one transaction, but {} takes a connection of its own: its SQL is committed by"
                            + " itself. Use sql: in its place, or give it a TransactionAwareDataSourceProxy",
                    route.getRouteId(),
                    from,
                    to);
        } else {
            sql(dataSource, to, route);
        }
    }

    private void sql(@Nullable Object dataSource, Endpoint to, Route route) {
        if (dataSource instanceof DataSource other
                && DataSources.bottom(other) != DataSources.bottom(manager.getDataSource())) {
            log.warn(
                    "The route {} from {} is one transaction, but the SQL of {} is done on another DataSource: it is"
                            + " committed by itself, and done again when the message comes again. Give the component sqlmq"
                            + " that DataSource if it is the same database",
                    route.getRouteId(),
                    from,
                    to);
        }
    }

    private void transacted(Object handler, Route route) {
        PlatformTransactionManager other = managerOf(handler);
        if (other == null || other == manager) {
            return;
        }
        Object resource = other instanceof ResourceTransactionManager known ? known.getResourceFactory() : null;
        boolean same = resource instanceof DataSource known
                ? DataSources.bottom(known) == DataSources.bottom(manager.getDataSource())
                : other instanceof SqlmqTransactionManager && resource == manager.getResourceFactory();
        if (!same) {
            log.warn(
                    "The route {} from {} is one transaction already, and its transacted() begins another by {}: what is"
                            + " done in that one is committed by itself. Leave transacted() out, or give the component sqlmq"
                            + " that transaction manager",
                    route.getRouteId(),
                    from,
                    other.getClass().getName());
        }
    }

    private static @Nullable PlatformTransactionManager managerOf(Object handler) {
        for (Field field : handler.getClass().getDeclaredFields()) {
            if (field.getType() == TransactionTemplate.class) {
                try {
                    field.setAccessible(true);
                    return ((TransactionTemplate) field.get(handler)).getTransactionManager();
                } catch (IllegalAccessException | InaccessibleObjectException | SecurityException e) {
                    return null;
                }
            }
        }
        return null;
    }

    private @Nullable Object property(Endpoint of, String name) {
        BeanIntrospection beans = PluginHelper.getBeanIntrospection(from.getCamelContext());
        return beans.getOrElseProperty(of, name, null, false);
    }
}
