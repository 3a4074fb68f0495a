package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The directory that all embedded servers of one user on one machine share: {@code binaries}, {@code templates} and
 * {@code servers}. JVMs that start at the same time take turns by file locks.
 */
record HomeDirectory(Path path) {

    /** Moves the directory, for machines whose temporary directory is small or forbids programs. */
    static final String PROPERTY = "sqlmq.embedded.directory";

    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    static HomeDirectory open() throws IOException {
        String property = System.getProperty(PROPERTY, "");
        if (!property.isBlank()) {
            return new HomeDirectory(Files.createDirectories(Path.of(property)).toRealPath());
        }
        Path path = Path.of(System.getProperty("java.io.tmpdir"), "sqlmq-embedded-" + user());
        Files.createDirectories(path);
        requireOwn(path);
        return new HomeDirectory(path.toRealPath());
    }

    /** Whether the user has a number only, as in containers that are run with any {@code --user}. */
    static boolean namelessUser() {
        return System.getProperty("user.name", "?").equals("?");
    }

    private static String user() throws IOException {
        Path self = Path.of("/proc/self");
        if (namelessUser() && Files.exists(self)) {
            return "uid" + Files.getAttribute(self, "unix:uid");
        }
        return System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "_");
    }

    /** Programs are run from here, so nobody else may have prepared the directory in a shared temporary one. */
    private static void requireOwn(Path path) throws IOException {
        Path probe = Files.createTempFile(path, "owner", ".probe");
        try {
            boolean own = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(path).equals(Files.getOwner(probe));
            if (!own) {
                throw new EmbeddedDatabaseException("The directory " + path + " belongs to another user; remove it, or"
                        + " name a directory of your own with -D" + PROPERTY + "=…");
            }
            FileTree.publish(path, true);
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    Path directory(String name) throws IOException {
        Path directory = path.resolve(name);
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            FileTree.publish(directory, true);
        }
        return directory;
    }

    /** Runs the action while no other JVM or thread runs one under the same lock name. */
    <T> T exclusively(String lock, Action<T> action) throws IOException {
        synchronized (HomeDirectory.class) {
            try (FileChannel channel = FileChannel.open(
                            path.resolve(lock + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock ignored = lock(channel)) {
                return action.run();
            }
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                // This class was loaded twice in this JVM, and the other copy is at work.
                Pause.briefly();
            }
        }
    }
}
