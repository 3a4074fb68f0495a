package io.sqlmq.boot;

import javax.sql.DataSource;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.BeanNotOfRequiredTypeException;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/** The DataSource that messages are in: the one there is, the primary one, or the one that is named. */
final class ApplicationDataSource {
    private ApplicationDataSource() {}

    static DataSource of(ConfigurableListableBeanFactory beans, SqlmqSettings settings) {
        String named = settings.text(SqlmqSettings.DATA_SOURCE);
        if (named != null) {
            return named(beans, named);
        }
        DataSource only = beans.getBeanProvider(DataSource.class).getIfUnique();
        if (only == null) {
            throw new SqlmqStartException(
                    "There are several DataSources (" + names(beans) + "), and none of them is the primary one, so that"
                            + " sqlmq cannot tell which database the messages are in.",
                    "Set " + SqlmqSettings.DATA_SOURCE
                            + " to the name of the one with the tables of sqlmq, or mark that as" + " @Primary.",
                    null);
        }
        return only;
    }

    private static DataSource named(ConfigurableListableBeanFactory beans, String name) {
        try {
            return beans.getBean(name, DataSource.class);
        } catch (NoSuchBeanDefinitionException | BeanNotOfRequiredTypeException e) {
            throw new SqlmqStartException(
                    SqlmqSettings.DATA_SOURCE + " names the DataSource " + name
                            + (e instanceof NoSuchBeanDefinitionException
                                    ? ", which does not exist."
                                    : ", which is none."),
                    "Set it to one of: " + names(beans) + ".",
                    e);
        }
    }

    private static String names(ConfigurableListableBeanFactory beans) {
        return String.join(", ", BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, DataSource.class));
    }
}
