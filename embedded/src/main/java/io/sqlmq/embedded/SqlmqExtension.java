package io.sqlmq.embedded;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.ConnectionFactory;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** What {@link SqlmqTest} does. The nearest class with the annotation owns the database. */
final class SqlmqExtension
        implements BeforeAllCallback,
                AfterAllCallback,
                BeforeEachCallback,
                TestInstancePreConstructCallback,
                TestInstancePostProcessor,
                ParameterResolver {

    private static final String SPRING = "org.springframework.test.context.junit.jupiter.SpringExtension";

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(SqlmqExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) throws IllegalAccessException {
        inject(context, context.getRequiredTestClass(), null);
    }

    /** Where one instance serves all tests, it is made, and Spring puts its context into it, before anything else is called. */
    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factory, ExtensionContext context)
            throws IllegalAccessException {
        inject(context, factory.getTestClass(), null);
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) throws IllegalAccessException {
        inject(context, instance.getClass(), instance);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Owner owner = owner(context);
        if (owner.annotation.purge() == Purge.Time.EACH_TEST) {
            database(owner).purge();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Owner owner = owner(context);
        if (owner.context.equals(context)) {
            Kept kept = owner.store().get(owner.key(), Kept.class);
            if (kept != null && owner.isUsedBySpring()) {
                kept.database.closeFactory();
            } else if (kept != null) {
                owner.store().remove(owner.key());
                kept.database.close();
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return supports(parameter.getParameter(), parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return resource(context, parameter.getParameter().getType());
    }

    private static boolean supports(AnnotatedElement element, Class<?> type) {
        return type == String.class
                ? element.isAnnotationPresent(JdbcUrl.class)
                : type == DataSource.class || type == Purge.class || isFactory(type);
    }

    private static boolean isFactory(Class<?> type) {
        return type.isAssignableFrom(SqlmqConnectionFactory.class)
                && (type == SqlmqConnectionFactory.class
                        || type.getPackage().equals(ConnectionFactory.class.getPackage()));
    }

    private static Object resource(ExtensionContext context, Class<?> type) {
        TestDatabase database = database(owner(context));
        if (type == String.class) {
            return database.jdbcUrl();
        }
        if (type == DataSource.class) {
            return database.dataSource();
        }
        if (type == Purge.class) {
            return (Purge) database::purge;
        }
        return database.connectionFactory();
    }

    private static void inject(ExtensionContext context, Class<?> testClass, @Nullable Object instance)
            throws IllegalAccessException {
        List<Field> fields = ReflectionSupport.findFields(
                testClass,
                field -> Modifier.isStatic(field.getModifiers()) == (instance == null)
                        && (field.isAnnotationPresent(SqlmqResource.class) || field.isAnnotationPresent(JdbcUrl.class)),
                HierarchyTraversalMode.TOP_DOWN);
        for (Field field : fields) {
            if (!supports(field, field.getType()) || Modifier.isFinal(field.getModifiers())) {
                throw new ExtensionConfigurationException("The field " + field + " cannot be set: it must not be final,"
                        + " and be a ConnectionFactory, DataSource or Purge with @SqlmqResource or a String with"
                        + " @JdbcUrl");
            }
            field.setAccessible(true);
            field.set(instance, resource(context, field.getType()));
        }
    }

    private static TestDatabase database(Owner owner) {
        return owner.store()
                .getOrComputeIfAbsent(
                        owner.key(),
                        key -> new Kept(TestDatabases.of(owner.annotation.url()).create(owner.annotation.options())),
                        Kept.class)
                .database;
    }

    /** Not to be closed by JUnit along with what it is stored in. */
    private record Kept(TestDatabase database) {}

    /** The nearest class around the context that has the annotation. */
    private record Owner(ExtensionContext context, SqlmqTest annotation) {

        /**
         * Spring keeps the contexts of tests until the JVM ends. One that is still at work must not lose its database: closing
         * it would take as long as a lost database takes. The server ends with the JVM, and the database with it.
         */
        boolean isUsedBySpring() {
            for (Class<?> at = context.getRequiredTestClass(); at != null; at = at.getEnclosingClass()) {
                if (AnnotationSupport.findRepeatableAnnotations(at, ExtendWith.class).stream()
                        .flatMap(extensions -> Arrays.stream(extensions.value()))
                        .anyMatch(extension -> extension.getName().equals(SPRING))) {
                    return true;
                }
            }
            return false;
        }

        ExtensionContext.Store store() {
            return (isUsedBySpring() ? context.getRoot() : context).getStore(NAMESPACE);
        }

        /** Test classes that inherit one annotation have one database with Spring, as they have one context. */
        Class<?> key() {
            Class<?> key = context.getRequiredTestClass();
            while (isUsedBySpring() && !isAnnotated(key)) {
                key = key.getSuperclass();
            }
            return key;
        }

        private static boolean isAnnotated(Class<?> type) {
            return Arrays.stream(type.getDeclaredAnnotations())
                    .anyMatch(annotation -> annotation instanceof SqlmqTest
                            || AnnotationSupport.isAnnotated(annotation.annotationType(), SqlmqTest.class));
        }
    }

    private static Owner owner(ExtensionContext context) {
        for (Optional<ExtensionContext> at = Optional.of(context);
                at.isPresent();
                at = at.get().getParent()) {
            ExtensionContext candidate = at.get();
            boolean isClass = candidate.getTestMethod().isEmpty();
            Optional<SqlmqTest> annotation = isClass
                    ? candidate.getTestClass().flatMap(type -> AnnotationSupport.findAnnotation(type, SqlmqTest.class))
                    : Optional.empty();
            if (annotation.isPresent()) {
                return new Owner(candidate, annotation.get());
            }
        }
        throw new ExtensionConfigurationException("No @SqlmqTest on " + context.getRequiredTestClass());
    }
}
