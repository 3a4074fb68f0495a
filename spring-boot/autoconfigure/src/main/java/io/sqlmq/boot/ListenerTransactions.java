package io.sqlmq.boot;

import io.sqlmq.jms.SpringTransactionBinding;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/** The transaction manager of the application in whose transactions the messages are: the one that works on their DataSource. */
final class ListenerTransactions {
    private static final boolean JPA = ClassUtils.isPresent(
            "org.springframework.orm.jpa.JpaTransactionManager", ListenerTransactions.class.getClassLoader());

    private final ConfigurableListableBeanFactory beans;
    private final SqlmqSettings settings;
    private final SqlmqConnectionFactory factory;

    ListenerTransactions(
            ConfigurableListableBeanFactory beans, SqlmqSettings settings, SqlmqConnectionFactory factory) {
        this.beans = beans;
        this.settings = settings;
        this.factory = factory;
    }

    /** Null if the application has no transaction manager, so that sessions are transacted by themselves. */
    @Nullable
    PlatformTransactionManager find() {
        String named = settings.text(SqlmqSettings.TRANSACTION_MANAGER);
        if (named != null) {
            return named.equals("none") ? null : named(named);
        }
        Map<String, PlatformTransactionManager> all = beans.getBeansOfType(PlatformTransactionManager.class);
        Map<String, PlatformTransactionManager> ours = new LinkedHashMap<>(all);
        ours.values().removeIf(manager -> !isOurs(manager));
        if (ours.size() == 1) {
            return ours.values().iterator().next();
        }
        if (ours.isEmpty()) {
            return none(all);
        }
        List<String> primary = ours.keySet().stream().filter(this::isPrimary).toList();
        if (primary.size() == 1) {
            return ours.get(primary.get(0));
        }
        throw new SqlmqStartException(
                "There are several transaction managers on the DataSource with the messages ("
                        + String.join(", ", ours.keySet())
                        + "), and none of them is the primary one, so that sqlmq cannot tell"
                        + " in whose transactions listeners work.",
                "Set " + SqlmqSettings.TRANSACTION_MANAGER + " to the name of one, or mark it as @Primary.",
                null);
    }

    private @Nullable PlatformTransactionManager none(Map<String, PlatformTransactionManager> others) {
        if (others.isEmpty() || others.values().stream().anyMatch(JtaTransactionManager.class::isInstance)) {
            return null;
        }
        throw new SqlmqStartException(
                "None of the transaction managers (" + String.join(", ", others.keySet())
                        + ") works on the DataSource with the messages. What a listener does in the database would not be in"
                        + " the transaction of its message.",
                "Set " + SqlmqSettings.DATA_SOURCE + " to the name of the DataSource that they work on, or declare a"
                        + " transaction manager for the one with the messages. If listeners need none, set "
                        + SqlmqSettings.TRANSACTION_MANAGER + "=none.",
                null);
    }

    private PlatformTransactionManager named(String name) {
        try {
            return beans.getBean(name, PlatformTransactionManager.class);
        } catch (NoSuchBeanDefinitionException e) {
            throw new SqlmqStartException(
                    SqlmqSettings.TRANSACTION_MANAGER + " names the transaction manager " + name
                            + ", which does not exist.",
                    "Set it to one of: "
                            + String.join(", ", beans.getBeanNamesForType(PlatformTransactionManager.class)) + ".",
                    e);
        }
    }

    private boolean isPrimary(String name) {
        return beans.containsBeanDefinition(name)
                && beans.getBeanDefinition(name).isPrimary();
    }

    private boolean isOurs(PlatformTransactionManager manager) {
        if (manager instanceof SqlmqTransactionManager own) {
            return own.getResourceFactory() == factory;
        }
        DataSource dataSource = dataSource(manager);
        return dataSource != null && SpringTransactionBinding.canJoin(factory.getDataSource(), dataSource);
    }

    private static @Nullable DataSource dataSource(PlatformTransactionManager manager) {
        if (JPA && manager instanceof JpaTransactionManager jpa) {
            return jpa.getDataSource();
        }
        return manager instanceof ResourceTransactionManager known
                        && known.getResourceFactory() instanceof DataSource found
                ? found
                : null;
    }
}
