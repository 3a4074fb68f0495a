package io.sqlmq.camel.springboot;

import io.sqlmq.camel.SqlmqComponent;
import org.apache.camel.Component;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.util.CamelPropertiesHelper;
import org.apache.camel.spring.boot.util.ConditionalOnCamelContextAndAutoConfigurationBeans;
import org.apache.camel.spring.boot.util.ConditionalOnHierarchicalProperties;
import org.apache.camel.spring.boot.util.HierarchicalPropertiesEvaluator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * Gives the component {@code sqlmq} what the application's properties {@code camel.component.sqlmq.*} say. As with every
 * starter of Camel, {@code camel.component.sqlmq.enabled=false} switches it off.
 */
@AutoConfiguration(after = CamelAutoConfiguration.class)
@Conditional(ConditionalOnCamelContextAndAutoConfigurationBeans.class)
@ConditionalOnHierarchicalProperties({"camel.component", ComponentProperties.PREFIX})
public class SqlmqComponentAutoConfiguration {

    /** Sets the options of each component of this kind when Camel makes it. A name that it does not have is an error. */
    @Bean
    @Lazy
    public ComponentCustomizer configureSqlmqComponent(Environment environment) {
        return new ComponentCustomizer() {
            @Override
            public void configure(String name, Component target) {
                CamelPropertiesHelper.setCamelProperties(
                        target.getCamelContext(), target, ComponentProperties.of(environment), true);
            }

            @Override
            public boolean isEnabled(String name, Component target) {
                return target instanceof SqlmqComponent
                        && HierarchicalPropertiesEvaluator.evaluate(
                                environment, "camel.component.customizer", ComponentProperties.PREFIX + ".customizer");
            }
        };
    }
}
