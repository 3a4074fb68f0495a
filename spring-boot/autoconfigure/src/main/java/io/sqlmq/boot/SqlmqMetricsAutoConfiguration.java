package io.sqlmq.boot;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.micrometer.SqlmqMetrics;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** Metrics, where Micrometer is there: Boot binds them to its registries. */
@AutoConfiguration(after = SqlmqAutoConfiguration.class)
@ConditionalOnClass({MeterBinder.class, SqlmqMetrics.class})
@ConditionalOnSingleCandidate(SqlmqConnectionFactory.class)
public final class SqlmqMetricsAutoConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    SqlmqMetrics sqlmqMetrics(SqlmqConnectionFactory factory) {
        return new SqlmqMetrics(factory);
    }
}
