package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.schema.SchemaException.Reason;
import io.sqlmq.schema.spi.MigrationTool;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This module has no tool on its class path, like an application with nothing but sqlmq-jms. */
class MigrationToolsTest {
    private static final DataSource UNTOUCHED = (DataSource) Proxy.newProxyInstance(
            MigrationToolsTest.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, args) -> {
                throw new AssertionError(method);
            });

    @Test
    void withoutTheToolMigrateNamesTheArtifactBeforeItConnects() {
        assertThatExceptionOfType(SchemaException.class)
                .isThrownBy(new Migrator(UNTOUCHED, "mq")::migrate)
                .returns(Reason.NO_MIGRATION_TOOL, SchemaException::reason)
                .withMessageContaining("io.sqlmq:sqlmq-migrate")
                .withMessageContaining("class path");
    }

    @Test
    void aToolThatOnlyTheClassLoaderOfTheThreadKnowsIsFound(@TempDir Path folder) throws Exception {
        withContext(
                folder,
                ToolOfTheApplication.class.getName(),
                () -> assertThat(MigrationTools.find()).isInstanceOf(ToolOfTheApplication.class));
    }

    @Test
    void aToolThatDoesNotFitIsNamed(@TempDir Path folder) throws Exception {
        withContext(
                folder,
                "io.sqlmq.migrate.OfAnotherVersion",
                () -> assertThatExceptionOfType(SchemaException.class)
                        .isThrownBy(MigrationTools::find)
                        .returns(Reason.NO_MIGRATION_TOOL, SchemaException::reason)
                        .withMessageContaining("io.sqlmq.migrate.OfAnotherVersion")
                        .withMessageContaining("in the version of sqlmq-jms"));
    }

    private static void withContext(Path folder, String tool, Runnable test) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(MigrationTool.class.getName()), tool);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(loader);
            test.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** What an application server's class loader of an application would have. */
    public static final class ToolOfTheApplication implements MigrationTool {
        @Override
        public void apply(Task task) {
            throw new UnsupportedOperationException();
        }
    }
}
