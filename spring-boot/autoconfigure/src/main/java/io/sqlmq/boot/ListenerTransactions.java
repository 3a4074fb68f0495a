package io.sqlmq.boot;

import io.sqlmq.jms.SpringTransactionBinding;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactionManager;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.BeanNotOfRequiredTypeException;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;
import org.springframework.util.ClassUtils;

/** The transaction manager of the application in whose transactions the messages are: the one that works on their DataSource. */
final class ListenerTransactions {
    private static final boolean JPA = ClassUtils.isPresent(
            "org.springframework.orm.jpa.JpaTransactionManager", ListenerTransactions.class.getClassLoader());

    private static final Logger log = LoggerFactory.getLogger(ListenerTransactions.class);

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
        Map<String, PlatformTransactionManager> all =
                BeanFactoryUtils.beansOfTypeIncludingAncestors(beans, PlatformTransactionManager.class);
        Map<String, PlatformTransactionManager> ours = new LinkedHashMap<>(all);
        ours.values().removeIf(manager -> !isOurs(manager));
        if (ours.size() == 1) {
            warnOfPrimary(ours.keySet().iterator().next());
            return ours.values().iterator().next();
        }
        if (ours.isEmpty()) {
            return none(all);
        }
        PlatformTransactionManager usual =
                beans.getBeanProvider(PlatformTransactionManager.class).getIfUnique();
        if (usual != null && ours.containsValue(usual)) {
            return usual;
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
        if (others.values().stream().allMatch(JmsTransactionManager.class::isInstance)) {
            throw new SqlmqStartException(
                    "The transactions of a JmsTransactionManager (" + String.join(", ", others.keySet())
                            + ") have messages only. What a listener does in the database would not be in the transaction of its"
                            + " message.",
                    "Remove it: then Spring Boot makes the transaction manager of the DataSource, in whose transactions messages"
                            + " are, too.",
                    null);
        }
        throw new SqlmqStartException(
                "None of the transaction managers (" + String.join(", ", others.keySet())
                        + ") works on the DataSource with the messages. What a listener does in the database would not be in"
                        + " the transaction of its message.",
                "Set " + SqlmqSettings.DATA_SOURCE + " to the name of the DataSource that they work on, or declare a"
                        + " transaction manager for the one with the messages. If one of them does work on it, which cannot be seen through a"
                        + " wrapper, set " + SqlmqSettings.TRANSACTION_MANAGER
                        + " to its name; if listeners need none, set it to none.",
                null);
    }

    /** Says if the application prefers another, and that may be one that works on our DataSource and on others, such as a chain. */
    private void warnOfPrimary(String chosen) {
        PlatformTransactionManager usual =
                beans.getBeanProvider(PlatformTransactionManager.class).getIfUnique();
        if (usual != null
                && !(usual instanceof ResourceTransactionManager)
                && !(usual instanceof JtaTransactionManager)) {
            log.warn(
                    "Listeners work in the transactions of {}, and not in those of the primary transaction manager, a {}, of which"
                            + " cannot be seen what it works on. Set {} to the name of the one that is meant",
                    chosen,
                    usual.getClass().getName(),
                    SqlmqSettings.TRANSACTION_MANAGER);
        }
    }

    private PlatformTransactionManager named(String name) {
        try {
            return beans.getBean(name, PlatformTransactionManager.class);
        } catch (NoSuchBeanDefinitionException | BeanNotOfRequiredTypeException e) {
            throw new SqlmqStartException(
                    SqlmqSettings.TRANSACTION_MANAGER + " names the transaction manager " + name
                            + (e instanceof NoSuchBeanDefinitionException
                                    ? ", which does not exist."
                                    : ", which is none."),
                    "Set it to one of: "
                            + String.join(
                                    ", ",
                                    BeanFactoryUtils.beanNamesForTypeIncludingAncestors(
                                            beans, PlatformTransactionManager.class))
                            + ".",
                    e);
        }
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
