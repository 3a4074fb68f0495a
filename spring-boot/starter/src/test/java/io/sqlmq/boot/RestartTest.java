package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.boot.work.Work;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.jms.core.JmsTemplate;

/** Applications that end while they have work, each message of which is done once. */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
class RestartTest {
    private static final List<String> WORK =
            IntStream.range(0, 200).mapToObj(i -> "work " + i).sorted().toList();

    private final String url = Databases.create();

    @BeforeEach
    void create() {
        Databases.execute(url, "CREATE TABLE done (what text, thread text)");
    }

    private List<String> done() {
        return Databases.query(url, "SELECT what FROM done ORDER BY what COLLATE \"C\"");
    }

    private void awaitDone(int number) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> done().size() >= number);
    }

    private ConfigurableApplicationContext start(String... properties) {
        return App.start(
                Work.class,
                Stream.concat(Stream.of(App.url(url), App.NO_JPA), Stream.of(properties))
                        .toArray(String[]::new));
    }

    private static void send(ConfigurableApplicationContext app) {
        JmsTemplate jms = app.getBean(JmsTemplate.class);
        WORK.forEach(what -> jms.convertAndSend("work", what));
    }

    @Test
    void aStopFinishesWhatIsInHandAndBeginsNothing(CapturedOutput output) {
        try (ConfigurableApplicationContext app = start("spring.jms.listener.auto-startup=false")) {
            send(app);
        }
        ConfigurableApplicationContext app = start();
        awaitDone(20);
        app.close();
        List<String> finished = done();
        assertThat(finished).hasSizeLessThan(WORK.size()).doesNotHaveDuplicates();
        assertThat(Databases.query(url, "SELECT body FROM mq_messages WHERE queue = 'work'"))
                .hasSize(WORK.size() - finished.size())
                .doesNotContainAnyElementsOf(finished);
        assertThat(Databases.query(url, "SELECT state FROM mq_messages WHERE state <> 'ready'"))
                .isEmpty();
        assertThat(output.getAll().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                .isEmpty();
    }

    /** What was processed ahead of time works, and loses and doubles nothing when it is killed. */
    @Test
    void aProcessThatIsKilledLosesAndDoublesNothing(@TempDir Path folder) throws Exception {
        try (ConfigurableApplicationContext app = start("spring.jms.listener.auto-startup=false")) {
            send(app);
        }
        processAheadOfTime(folder);
        Process process = process(
                folder,
                List.of("-Dspring.aot.enabled=true", "-Dspring.devtools.restart.enabled=false"),
                folder.resolve("classes") + File.pathSeparator,
                "--sqlmq.schema-management=validate");
        try {
            awaitDone(20);
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(Files.readString(folder.resolve("log"))).contains("AOT-processed");
        assertThat(done()).hasSizeLessThan(WORK.size());
        try (ConfigurableApplicationContext app = start("spring.threads.virtual.enabled=true")) {
            awaitDone(WORK.size());
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .isEmpty());
        }
        assertThat(done()).isEqualTo(WORK);
        assertThat(Databases.query(url, "SELECT DISTINCT thread LIKE 'VirtualThread%' FROM done ORDER BY 1 DESC")
                        .get(0))
                .isEqualTo(Runtime.version().feature() >= 21 ? "t" : "f");
    }

    /** The application is started again in the same process, with classes that are loaded anew. */
    @Test
    void aRestartOfDevtoolsLosesAndDoublesNothing(@TempDir Path folder) throws Exception {
        try (ConfigurableApplicationContext app = start("spring.jms.listener.auto-startup=false")) {
            send(app);
        }
        Path watched = Files.createDirectory(folder.resolve("watched"));
        Process process = process(
                folder,
                List.of(),
                "",
                "--" + App.NO_JPA,
                "--spring.flyway.enabled=false",
                "--spring.liquibase.enabled=false",
                "--spring.devtools.restart.additional-paths=" + watched,
                "--spring.devtools.restart.poll-interval=100ms",
                "--spring.devtools.restart.quiet-period=50ms");
        try {
            awaitDone(20);
            Files.createFile(watched.resolve("changed"));
            awaitDone(WORK.size());
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(Databases.query(url, "SELECT queue FROM mq_messages"))
                            .isEmpty());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(done()).isEqualTo(WORK);
        assertThat(Files.readAllLines(folder.resolve("log")))
                .filteredOn(line -> line.contains("Started Work"))
                .hasSize(2);
        assertThat(Files.readAllLines(folder.resolve("log")))
                .noneMatch(line -> line.contains(" ERROR ") || line.contains("Exception"));
    }

    private Process process(Path folder, List<String> options, String before, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
        command.add("-XX:TieredStopAtLevel=1");
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                before + System.getProperty("java.class.path"),
                Work.class.getName(),
                "--" + App.url(url),
                "--spring.main.web-application-type=none"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    /** As the build plugins of Boot do it, with the application's sources in {@code classes}. */
    private static void processAheadOfTime(Path folder) throws IOException {
        Path classes = folder.resolve("classes");
        Path sources = folder.resolve("sources");
        String[] arguments = {
            "--spring.flyway.enabled=false",
            "--spring.liquibase.enabled=false",
            "--" + App.NO_JPA,
            "--spring.main.web-application-type=none"
        };
        new SpringApplicationAotProcessor(
                        Work.class,
                        AbstractAotProcessor.Settings.builder()
                                .sourceOutput(sources)
                                .resourceOutput(classes)
                                .classOutput(classes)
                                .groupId("io.sqlmq")
                                .artifactId("work")
                                .build(),
                        arguments)
                .process();
        List<String> options = new ArrayList<>(List.of(
                "-nowarn", "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path")));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(options::add);
        }
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, options.toArray(String[]::new)))
                .isZero();
        assertThat(classes.resolve("META-INF/native-image/io.sqlmq/work")).isNotEmptyDirectory();
    }
}
