package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes data directories: kept ones by initdb, temporary ones as copies of one that initdb made once. */
record DataDirectory(HomeDirectory home, Binaries binaries, Launcher launcher) {

    private static final Pattern MAJOR_VERSION = Pattern.compile("\\) (\\d+)");
    private static final int FIRST_WITH_BUILTIN_LOCALES = 17;

    /** Fills a directory that is to be thrown away. */
    void createTemporary(Path directory) throws IOException {
        Path template = home.directory("templates").resolve(binaries.key() + "-" + launcher.key());
        Path marker = template.resolveSibling(template.getFileName() + ".files");
        home.exclusively("templates", () -> {
            if (Files.exists(marker)
                    && Files.isDirectory(template)
                    && FileTree.copy(template, directory, launcher) == Long.parseLong(Files.readString(marker))) {
                return directory;
            }
            Files.deleteIfExists(marker);
            FileTree.delete(directory);
            FileTree.delete(template);
            Path fresh = template.resolveSibling(template.getFileName() + "." + UUID.randomUUID());
            try {
                initialise(fresh, "--no-sync");
                Files.move(fresh, template, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                FileTree.delete(fresh);
            }
            Files.writeString(marker, Long.toString(FileTree.copy(template, directory, launcher)));
            return directory;
        });
    }

    /** Makes a data directory to be kept, unless it is one already. */
    void createKept(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (Files.exists(directory.resolve("PG_VERSION"))) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                throw new EmbeddedDatabaseException("The directory " + directory
                        + " is neither empty nor a data directory of PostgreSQL; name another as dataDirectory");
            }
        }
        initialise(directory);
    }

    private void initialise(Path directory, String... options) throws IOException {
        Files.createDirectories(directory);
        launcher.own(directory);
        List<String> command = launcher.command(
                binaries.program("initdb"),
                "--auth=trust",
                "--username=" + SqlmqEmbedded.USER,
                "--encoding=UTF8",
                "--locale=C",
                "--pgdata=" + directory);
        if (majorVersion() >= FIRST_WITH_BUILTIN_LOCALES) {
            // Sorts by code point, the same on every system, and yet knows the case of all letters.
            command.addAll(List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
        }
        command.addAll(List.of(options));
        Command.run(home.path(), new ArrayList<>(command)).orFail("Initialising the data directory " + directory);
    }

    private int majorVersion() throws IOException {
        String version = Command.run(home.path(), launcher.command(binaries.program("postgres"), "--version"))
                .orFail("Asking PostgreSQL for its version")
                .output();
        Matcher matcher = MAJOR_VERSION.matcher(version);
        if (!matcher.find()) {
            throw new EmbeddedDatabaseException("PostgreSQL names its version in an unknown way: " + version);
        }
        return Integer.parseInt(matcher.group(1));
    }
}
