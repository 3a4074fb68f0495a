package io.sqlmq.schema;

import io.sqlmq.schema.spi.MigrationTool.Script;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The migrations of one location, oldest first. They are named by a file {@code index.txt} beside them, because class
 * path scanning is slow and does not work in every packaging.
 */
final class Migrations {
    static final String INDEX = "index.txt";

    /** Each factory that starts asks for them, to compare checksums. */
    private static final Map<String, SoftReference<Migrations>> LOADED = new ConcurrentHashMap<>();

    private final String location;
    private final List<Migration> all;

    private Migrations(String location, List<Migration> all) {
        this.location = location;
        this.all = all;
    }

    /** The migrations of a class path location such as {@code io/sqlmq/schema/migration}. */
    static Migrations load(String location) {
        SoftReference<Migrations> reference = LOADED.get(location);
        Migrations loaded = reference == null ? null : reference.get();
        if (loaded == null) {
            loaded = read(location);
            LOADED.put(location, new SoftReference<>(loaded));
        }
        return loaded;
    }

    private static Migrations read(String location) {
        List<Migration> all = read(location, INDEX)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(script -> Migration.of(script, read(location, script)))
                .sorted(Comparator.comparing(Migration::version))
                .toList();
        if (all.isEmpty()) {
            throw new IllegalStateException(location + "/" + INDEX + " names no migration");
        }
        return new Migrations(location, all);
    }

    List<Migration> all() {
        return all;
    }

    Migration newest() {
        return all.get(all.size() - 1);
    }

    @Nullable
    Migration find(Version version) {
        return all.stream().filter(m -> m.version().equals(version)).findFirst().orElse(null);
    }

    /** For whoever applies them. */
    List<Script> scripts() {
        return all.stream()
                .map(m -> new Script(m.script(), location + "/" + m.script(), m.sql()))
                .toList();
    }

    private static String read(String location, String name) {
        String path = location + "/" + name;
        try (InputStream in = Migrations.class.getClassLoader().getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is not on the class path; is the sqlmq-schema jar complete?");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
