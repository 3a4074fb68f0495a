package io.sqlmq.boot.test;

import io.sqlmq.embedded.TestDatabase;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.test.context.TestExecutionListener;

/** Empties the tables of sqlmq for a class whose context has served others before. */
final class PurgeBeforeClass implements TestExecutionListener {

    @Override
    public void beforeTestClass(TestContext test) {
        if (TestContextAnnotationUtils.hasAnnotation(test.getTestClass(), AutoConfigureSqlmq.class)
                && test.hasApplicationContext()) {
            ApplicationContext context = test.getApplicationContext();
            context.getBeanProvider(TestDatabase.class).ifAvailable(TestDatabase::purge);
        }
    }
}
