package io.sqlmq.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * The migrations of one location, oldest first. They are named by a file {@code index.txt} beside them, because class
 * path scanning is slow and does not work in every packaging.
 */
final class Migrations implements ResourceProvider {
    static final String INDEX = "index.txt";

    private final String location;
    private final List<Migration> all;

    private Migrations(String location, List<Migration> all) {
        this.location = location;
        this.all = all;
    }

    /** Reads the migrations of a class path location such as {@code io/sqlmq/schema/migration}. */
    static Migrations load(String location) {
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
    Migration find(MigrationVersion version) {
        return all.stream().filter(m -> m.version().equals(version)).findFirst().orElse(null);
    }

    @Override
    public @Nullable LoadableResource getResource(String name) {
        return all.stream()
                .filter(m -> name.equals(path(m)))
                .map(Resource::new)
                .findFirst()
                .orElse(null);
    }

    @Override
    public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
        return all.stream()
                .filter(m ->
                        m.script().startsWith(prefix) && Arrays.stream(suffixes).anyMatch(m.script()::endsWith))
                .<LoadableResource>map(Resource::new)
                .toList();
    }

    private String path(Migration migration) {
        return location + "/" + migration.script();
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

    private final class Resource extends LoadableResource {
        private final Migration migration;

        Resource(Migration migration) {
            this.migration = migration;
        }

        @Override
        public Reader read() {
            return new StringReader(migration.sql());
        }

        @Override
        public String getAbsolutePath() {
            return path(migration);
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return path(migration);
        }

        @Override
        public String getFilename() {
            return migration.script();
        }

        @Override
        public String getRelativePath() {
            return migration.script();
        }
    }
}
