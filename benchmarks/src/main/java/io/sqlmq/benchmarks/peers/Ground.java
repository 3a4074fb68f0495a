package io.sqlmq.benchmarks.peers;

import io.sqlmq.benchmarks.Server;
import io.sqlmq.schema.Migrator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Where peers are installed: a directory, a PostgreSQL server, processes; all is gone when it is closed. */
final class Ground implements AutoCloseable {

    private final @Nullable String given;
    private final Path home;
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private @Nullable Postgres postgres;

    /**
     * Creates the directory.
     *
     * @param given the URL of a PostgreSQL server, or null for one of its own
     */
    Ground(@Nullable String given) throws IOException {
        this.given = given;
        this.home = Files.createTempDirectory("sqlmq-peers-");
        closing.push(this::deleteHome);
    }

    /** The server, started when somebody needs it. */
    Postgres postgres() throws SQLException {
        Postgres running = postgres;
        if (running == null) {
            Server server = given == null ? Server.startAsInstalled() : Server.at(given);
            closing.push(server);
            running = new Postgres(server);
            closing.push(running);
            postgres = running;
        }
        return running;
    }

    /** A schema for tables of others, dropped at the end: the driver's URL. */
    String emptySchema(String name) throws SQLException {
        Postgres server = postgres();
        server.execute("CREATE SCHEMA " + name);
        closing.push(() -> server.execute("DROP SCHEMA " + name + " CASCADE"));
        return server.url("currentSchema=" + name + "&" + CountingSocketFactory.PARAMETER);
    }

    /** A schema with sqlmq's tables, dropped at the end: the URL for the provider. */
    String schema(String name) throws SQLException {
        Postgres server = postgres();
        server.execute("CREATE SCHEMA " + name);
        closing.push(() -> server.execute("DROP SCHEMA " + name + " CASCADE"));
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.url(""));
        new Migrator(dataSource, name).migrate();
        return server.url("sqlmq.schema=" + name + "&" + CountingSocketFactory.PARAMETER);
    }

    /** A directory that does not exist yet. */
    String directory(String name) {
        return home.resolve(name).toString();
    }

    /** A process, ended at the end. */
    Child child(String name, List<String> jvmOptions) throws IOException {
        Child child = new Child(home.resolve(name + ".log"), jvmOptions);
        closing.push(child);
        return child;
    }

    /**
     * A peer with its client processes.
     *
     * @param two producers and consumers in different ones
     * @param broker its server, or null if PostgreSQL is
     * @param stored where its messages are, or null for files of its own
     */
    Site site(Peer peer, Provider provider, String url, boolean two, @Nullable Child broker, @Nullable Postgres stored)
            throws IOException {
        List<Child> clients = new ArrayList<>();
        for (int i = 0; i < (two ? 2 : 1); i++) {
            Child client = child(peer.label() + "-client-" + i, List.of("-Xms256m", "-Xmx1g"));
            client.ask(new Part.Tasks.Connect(provider, url));
            clients.add(client);
        }
        return new Site(peer, clients.get(0), clients.get(clients.size() - 1), broker, stored);
    }

    private void deleteHome() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() throws Exception {
        while (!closing.isEmpty()) {
            closing.pop().close();
        }
    }
}
