package io.sqlmq.boot.test;

import io.sqlmq.boot.OwnDatabase;
import io.sqlmq.embedded.TestDatabase;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.TestContextAnnotationUtils.AnnotationDescriptor;

/** Gives the contexts of classes with {@link AutoConfigureSqlmq} their database. */
final class SqlmqContextCustomizerFactory implements ContextCustomizerFactory {

    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
            Class<?> testClass, List<ContextConfigurationAttributes> configAttributes) {
        AnnotationDescriptor<AutoConfigureSqlmq> found =
                TestContextAnnotationUtils.findAnnotationDescriptor(testClass, AutoConfigureSqlmq.class);
        return found == null ? null : new Customizer(found.getRootDeclaringClass());
    }

    /**
     * Part of the key under which Spring keeps a context.
     *
     * @param owner the class that has the annotation
     */
    private record Customizer(Class<?> owner) implements ContextCustomizer {

        @Override
        public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
            DefaultListableBeanFactory beans = (DefaultListableBeanFactory) context.getBeanFactory();
            TestDatabase database = TestDatabase.createEmpty();
            context.getEnvironment()
                    .getPropertySources()
                    .addFirst(new MapPropertySource(
                            "sqlmqTestDatabase",
                            Map.of(
                                    OwnDatabase.TEST_URL,
                                    database.jdbcUrl(),
                                    // Slices would put another embedded database into its place.
                                    "spring.test.database.replace",
                                    "none")));
            beans.registerSingleton("sqlmqOwnDatabase", new OwnDatabase(database.jdbcUrl()));
            beans.registerSingleton("sqlmqTestDatabase", database);
            // Beans end in the reverse order: this one after all that use the database.
            beans.registerDisposableBean("sqlmqTestDatabase", database::close);
        }
    }
}
