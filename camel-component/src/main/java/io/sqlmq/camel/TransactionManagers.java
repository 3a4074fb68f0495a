package io.sqlmq.camel;

import io.sqlmq.jms.SpringTransactionBinding;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import java.util.List;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** The transaction managers of the application. */
final class TransactionManagers {
    private TransactionManagers() {}

    /**
     * The application's only transaction manager for the database with the messages, if its transactions cannot take part in those of
     * a {@link SqlmqTransactionManager}, while messages can take part in its: a JpaTransactionManager.
     */
    static @Nullable PlatformTransactionManager leading(CamelContext context, SqlmqConnectionFactory factory) {
        if (factory.getUrl() != null) {
            return null;
        }
        List<PlatformTransactionManager> ours =
                context.getRegistry().findByType(PlatformTransactionManager.class).stream()
                        .filter(manager -> canJoin(context, factory, manager))
                        .toList();
        return ours.size() != 1
                        || ours.get(0) instanceof DataSourceTransactionManager
                        || ours.get(0) instanceof SqlmqTransactionManager
                ? null
                : ours.get(0);
    }

    /** Whether messages of a factory can take part in the transactions of a manager. */
    static boolean canJoin(CamelContext context, SqlmqConnectionFactory factory, PlatformTransactionManager manager) {
        if (manager instanceof SqlmqTransactionManager own) {
            return own.getResourceFactory() == factory;
        }
        DataSource dataSource = dataSourceOf(context, manager);
        return dataSource != null && SpringTransactionBinding.canJoin(factory.getDataSource(), dataSource);
    }

    /** What a manager works on, by its property; spring-orm, for one, need not be on the class path. */
    static @Nullable DataSource dataSourceOf(CamelContext context, PlatformTransactionManager manager) {
        return PluginHelper.getBeanIntrospection(context).getOrElseProperty(manager, "dataSource", null, false)
                        instanceof DataSource found
                ? found
                : null;
    }
}
