package io.sqlmq.embedded;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How an embedded server runs. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * SqlmqEmbedded.start(EmbeddedOptions.defaults().fsync(true).setting("work_mem", "64MB"));
 * }</pre>
 */
public final class EmbeddedOptions {

    private static final EmbeddedOptions DEFAULTS = new EmbeddedOptions(false, 0, null, Map.of());

    private final boolean fsync;
    private final int port;
    private final @Nullable Path dataDirectory;
    private final Map<String, String> settings;

    private EmbeddedOptions(boolean fsync, int port, @Nullable Path dataDirectory, Map<String, String> settings) {
        this.fsync = fsync;
        this.port = port;
        this.dataDirectory = dataDirectory;
        this.settings = settings;
    }

    /** fsync off, any free port, a temporary data directory, 300 connections, 64 prepared transactions. */
    public static EmbeddedOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Whether commits survive a power cut: sets {@code fsync}, {@code synchronous_commit} and {@code full_page_writes}.
     * Default off, which is right for tests and wrong for data and for measurements.
     */
    public EmbeddedOptions fsync(boolean on) {
        return new EmbeddedOptions(on, port, dataDirectory, settings);
    }

    /**
     * The TCP port on 127.0.0.1.
     *
     * @param number 1 to 65535, or 0 (the default) for any free one
     */
    public EmbeddedOptions port(int number) {
        if (number < 0 || number > 65_535) {
            throw new IllegalArgumentException("port is " + number + "; it must be 0 (any free port) to 65535");
        }
        return new EmbeddedOptions(fsync, number, dataDirectory, settings);
    }

    /** A data directory that is kept when the server stops; created if it is missing or empty. Default: a temporary one. */
    public EmbeddedOptions dataDirectory(Path directory) {
        return new EmbeddedOptions(fsync, port, directory.toAbsolutePath().normalize(), settings);
    }

    /** Any setting of {@code postgresql.conf}; it wins over what this class sets. */
    public EmbeddedOptions setting(String name, String value) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
            throw new IllegalArgumentException("\"" + name + "\" is not the name of a PostgreSQL setting");
        }
        Map<String, String> more = new TreeMap<>(settings);
        more.put(name, value);
        return new EmbeddedOptions(fsync, port, dataDirectory, Collections.unmodifiableMap(more));
    }

    int port() {
        return port;
    }

    @Nullable
    Path dataDirectory() {
        return dataDirectory;
    }

    /** The settings to start the server with, in the order in which later ones win. */
    Map<String, String> serverSettings(boolean windows) {
        String durable = fsync ? "on" : "off";
        Map<String, String> all = new TreeMap<>();
        all.put("listen_addresses", "127.0.0.1");
        all.put("unix_socket_directories", "");
        all.put("fsync", durable);
        all.put("synchronous_commit", durable);
        all.put("full_page_writes", durable);
        all.put("max_connections", "300");
        all.put("max_prepared_transactions", "64");
        all.put("lc_messages", "C");
        if (!windows) {
            // In the data directory, so that it goes with it; containers also keep /dev/shm small.
            all.put("dynamic_shared_memory_type", "mmap");
        }
        all.putAll(settings);
        return all;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EmbeddedOptions that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** The options as they stand in a URL. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("fsync=").append(fsync ? "on" : "off");
        text.append("&port=").append(port);
        if (dataDirectory != null) {
            text.append("&dataDirectory=").append(dataDirectory);
        }
        settings.forEach((name, value) ->
                text.append("&server.").append(name).append('=').append(value));
        return text.toString();
    }
}
