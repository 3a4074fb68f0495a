package io.sqlmq.boot;

import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.job.JacksonPayloadMapper;
import io.sqlmq.job.JobErrorHandler;
import io.sqlmq.job.JobRegistry;
import io.sqlmq.job.Jobs;
import io.sqlmq.job.PayloadMapper;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Jobs over the connection factory, and a runner of those that the application's beans have methods for. */
@AutoConfiguration(
        after = SqlmqAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
            "org.springframework.boot.autoconfigure.jackson.JacksonAutoConfiguration"
        })
@ConditionalOnClass(Jobs.class)
@ConditionalOnSingleCandidate(SqlmqConnectionFactory.class)
public final class SqlmqJobsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    JobRegistry sqlmqJobRegistry(ObjectProvider<PayloadMapper> mappers, ObjectProvider<JobErrorHandler> errorHandlers) {
        JobRegistry registry = new JobRegistry();
        mappers.ifUnique(registry::payloadMapper);
        errorHandlers.ifUnique(registry::onError);
        return registry;
    }

    @Bean
    @ConditionalOnMissingBean
    Jobs sqlmqJobs(SqlmqConnectionFactory factory, JobRegistry registry) {
        return Jobs.on(factory, registry);
    }

    @Bean
    static ApplicationJobs sqlmqApplicationJobs(
            ConfigurableListableBeanFactory beans, SqlmqConnectionFactory factory, Jobs jobs, Environment environment) {
        return new ApplicationJobs(beans, factory, jobs, JobSettings.of(environment));
    }

    /** Payloads by the application's Jackson 3. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(tools.jackson.databind.ObjectMapper.class)
    static class Jackson3 {

        @Bean
        @ConditionalOnMissingBean
        PayloadMapper sqlmqPayloadMapper(ObjectProvider<tools.jackson.databind.ObjectMapper> mappers) {
            tools.jackson.databind.ObjectMapper mapper = mappers.getIfUnique();
            return mapper == null ? new JacksonPayloadMapper() : new JacksonPayloadMapper(mapper);
        }
    }

    /** Payloads by Jackson 2, which applications with Boot 3 have. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(com.fasterxml.jackson.databind.ObjectMapper.class)
    @ConditionalOnMissingBean(PayloadMapper.class)
    static class Jackson2 {

        @Bean
        PayloadMapper sqlmqPayloadMapper(ObjectProvider<com.fasterxml.jackson.databind.ObjectMapper> mappers) {
            return new Jackson2PayloadMapper(mappers.getIfUnique(com.fasterxml.jackson.databind.json.JsonMapper::new));
        }
    }
}
