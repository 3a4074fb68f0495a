package io.sqlmq.camel;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
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
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
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
    private final SqlmqConnectionFactory factory;
    private final PlatformTransactionManager manager;
    private final @Nullable DataSource dataSource;

    private OneTransaction(SqlmqEndpoint from, SqlmqConnectionFactory factory, PlatformTransactionManager manager) {
        this.from = from;
        this.factory = factory;
        this.manager = manager;
        this.dataSource = TransactionManagers.dataSourceOf(from.getCamelContext(), manager);
    }

    /**
     * Looks through the routes of an endpoint.
     *
     * @throws SqlmqStartException if one would commit in its midst, or nothing can be received in transactions of the manager
     */
    static void check(
            SqlmqEndpoint from, PlatformTransactionManager manager, AbstractMessageListenerContainer container) {
        SqlmqConnectionFactory factory = ConnectionFactories.own(from.getConnectionFactory());
        if (factory == null) {
            log.warn(
                    "The connection factory of {} is not one of sqlmq, or hides it: the transactions of the route have"
                            + " messages in them, but no SQL",
                    from);
        } else if (!(container instanceof DefaultMessageListenerContainer)) {
            log.warn(
                    "The transactions of {} have messages in them, but no SQL, because of consumerType={}: SQL is committed by"
                            + " itself, and done again when the message comes again. Leave consumerType out",
                    from,
                    from.getConfiguration().getConsumerType());
        } else if (!TransactionManagers.canJoin(from.getCamelContext(), factory, manager)) {
            log.warn(
                    "The transactions of {} are those of {}, which does not work on the DataSource of the messages: messages"
                            + " and SQL are committed apart. Leave the option transactionManager out, or give the component"
                            + " sqlmq the DataSource of that manager",
                    from,
                    manager.getClass().getName());
        } else {
            OneTransaction transaction = new OneTransaction(from, factory, manager);
            if (!(manager instanceof SqlmqTransactionManager) && transaction.dataSource != null) {
                ((SqlmqComponent) from.getComponent())
                        .receivingTransactions()
                        .require(from, manager, transaction.dataSource);
            }
            RouteNodes.visit(from, transaction::node);
        }
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
            if (ConnectionFactories.unwrap(other.getConnectionFactory()) != factory) {
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
            throw new SqlmqStartException(
                    "The route " + route.getRouteId() + " from " + from + " is one transaction, but " + to
                            + " commits what it does.",
                    "Use sql: in its place, or add"
                            + " resetAutoCommit=false there and give it a TransactionAwareDataSourceProxy; or set transacted=false"
                            + " on " + from);
        }
        Object used = property(to, "dataSource");
        Object strategy = property(to, "connectionStrategy");
        if (strategy != null && ClassNames.is(strategy, PLAIN) && !(used instanceof TransactionAwareDataSourceProxy)) {
            log.warn(
                    "The route {} from {} is one transaction, but {} takes a connection of its own: its SQL is committed by"
                            + " itself. Use sql: in its place, or give it a TransactionAwareDataSourceProxy",
                    route.getRouteId(),
                    from,
                    to);
        } else {
            sql(used, to, route);
        }
    }

    private void sql(@Nullable Object used, Endpoint to, Route route) {
        if (used instanceof DataSource other && !takesPart(other)) {
            log.warn(
                    "The route {} from {} is one transaction, but the SQL of {} is done on another DataSource: it is"
                            + " committed by itself, and done again when the message comes again. Give the component sqlmq"
                            + " that DataSource if it is the same database",
                    route.getRouteId(),
                    from,
                    to);
        }
    }

    /** A manager of ours knows the DataSource under all its proxies, others under the one that they were given. */
    private boolean takesPart(DataSource other) {
        if (manager instanceof SqlmqTransactionManager own) {
            return DataSources.bottom(other) == DataSources.bottom(own.getDataSource());
        }
        DataSource inner = other;
        while (inner instanceof TransactionAwareDataSourceProxy aware) {
            inner = aware.getTargetDataSource();
        }
        return inner == dataSource;
    }

    private void transacted(Object handler, Route route) {
        PlatformTransactionManager other = managerOf(handler);
        if (other == null || other == manager) {
            return;
        }
        Object resource = other instanceof ResourceTransactionManager known ? known.getResourceFactory() : null;
        boolean same = resource instanceof DataSource known
                ? takesPart(known)
                : other instanceof SqlmqTransactionManager && resource == factory;
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
