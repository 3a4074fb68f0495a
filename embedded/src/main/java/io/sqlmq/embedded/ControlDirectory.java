package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one running server: its lock, log and, unless it is kept elsewhere, its data directory. The lock is
 * held by the JVM; whoever gets it knows that the JVM is dead.
 */
final class ControlDirectory implements AutoCloseable {

    private static final String JVM_PROPERTY = "sqlmq.embedded.jvm";
    private static final String LOCK = "lock";
    private static final String KEPT_DATA = "kept-data";

    private final Path path;
    private final Path data;
    private final boolean kept;
    private final FileChannel channel;

    private ControlDirectory(Path path, @Nullable Path keptData, FileChannel channel) {
        this.path = path;
        this.kept = keptData != null;
        this.data = keptData == null ? path.resolve("data") : keptData;
        this.channel = channel;
    }

    /** Creates one, locked, after removing what dead JVMs left behind. */
    static ControlDirectory create(HomeDirectory home, @Nullable Path keptData, LeftoverServers leftovers)
            throws IOException {
        Path servers = home.directory("servers");
        return home.exclusively("servers", () -> {
            sweep(servers, leftovers);
            Path path = Files.createDirectory(servers.resolve(jvm() + "-" + UUID.randomUUID()));
            if (keptData != null) {
                Files.writeString(path.resolve(KEPT_DATA), keptData.toString());
            }
            FileChannel channel =
                    FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            channel.lock();
            return new ControlDirectory(path, keptData, channel);
        });
    }

    /** The same for all class loaders: closing a second handle on a lock file would drop the lock of this JVM. */
    private static String jvm() {
        return (String) System.getProperties()
                .computeIfAbsent(
                        JVM_PROPERTY,
                        key -> Long.toHexString(ProcessHandle.current().pid()) + "x"
                                + Long.toHexString(UUID.randomUUID().getMostSignificantBits()));
    }

    private static void sweep(Path servers, LeftoverServers leftovers) throws IOException {
        List<Path> others;
        try (Stream<Path> list = Files.list(servers)) {
            others = list.filter(path -> !path.getFileName().toString().startsWith(jvm() + "-"))
                    .toList();
        }
        for (Path other : others) {
            if (abandoned(other)) {
                leftovers.remove(other, dataOf(other), keptData(other) != null);
            }
        }
    }

    private static boolean abandoned(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (NoSuchFileException e) {
            return true; // half made or half deleted, as creators hold the lock on all servers
        }
    }

    private static Path dataOf(Path directory) throws IOException {
        Path keptData = keptData(directory);
        return keptData == null ? directory.resolve("data") : keptData;
    }

    private static @Nullable Path keptData(Path directory) throws IOException {
        try {
            return Path.of(Files.readString(directory.resolve(KEPT_DATA)));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    Path path() {
        return path;
    }

    Path data() {
        return data;
    }

    boolean kept() {
        return kept;
    }

    Path log() {
        return path.resolve("server.log");
    }

    /** The end of the server's log, for error messages. */
    String endOfLog() {
        try {
            List<String> lines = Files.readAllLines(log());
            return String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(no log)";
        }
    }

    /** Gives the lock up and deletes the directory; the server must have stopped. */
    @Override
    public void close() throws IOException {
        channel.close();
        FileTree.delete(path);
    }
}
