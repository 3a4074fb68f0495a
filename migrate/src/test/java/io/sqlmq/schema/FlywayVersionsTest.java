package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.launcher.TagFilter.excludeTags;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Which Flyway there is, is often the application's choice: what {@link MigratorTest} holds, it holds with the others, too.
 * The build copies them to {@code target/flyway}.
 */
class FlywayVersionsTest {
    private static final Path FOLDER = Path.of("target", "flyway");

    static List<String> versions() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString()).toList();
        }
    }

    @Test
    void theOldestAndTheNewestAreAmongThem() throws IOException {
        assertThat(versions()).anyMatch(v -> v.startsWith("11.7.")).anyMatch(v -> v.startsWith("12."));
        assertThat(jar(Flyway.class)).contains("flyway-core-13.");
    }

    private static String jar(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().toString();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void migratesWith(String version) throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (WithFlyway loader = new WithFlyway(FOLDER.resolve(version))) {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(jar(loader.loadClass(Flyway.class.getName()))).contains(version);

            TestExecutionSummary summary = run(loader.loadClass(MigratorTest.class.getName()));

            assertThat(summary.getFailures())
                    .extracting(failure -> failure.getTestIdentifier().getDisplayName() + ": " + failure.getException())
                    .isEmpty();
            assertThat(summary.getTestsSucceededCount()).isGreaterThanOrEqualTo(12);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static TestExecutionSummary run(Class<?> test) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(test))
                .filters(excludeTags("once"))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener);
        return listener.getSummary();
    }

    /** The class path with another Flyway in it. What the test and this one share is loaded once. */
    private static final class WithFlyway extends URLClassLoader {
        private static final List<String> SHARED =
                List.of("org.junit.", "org.opentest4j.", "org.postgresql.", TestServer.class.getName());

        WithFlyway(Path flyway) throws IOException {
            super(urls(flyway), ClassLoader.getPlatformClassLoader());
        }

        private static URL[] urls(Path flyway) throws IOException {
            List<Path> all = new ArrayList<>();
            try (Stream<Path> jars = Files.list(flyway)) {
                jars.forEach(all::add);
            }
            Stream.of(System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                    .filter(entry -> !entry.contains("flyway-"))
                    .map(Path::of)
                    .forEach(all::add);
            List<URL> urls = new ArrayList<>();
            for (Path path : all) {
                urls.add(path.toUri().toURL());
            }
            return urls.toArray(URL[]::new);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            return SHARED.stream().anyMatch(name::startsWith)
                    ? WithFlyway.class.getClassLoader().loadClass(name)
                    : super.findClass(name);
        }
    }
}
