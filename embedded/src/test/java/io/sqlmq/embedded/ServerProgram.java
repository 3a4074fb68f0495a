package io.sqlmq.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that starts the servers of its arguments' URLs, names them, and waits for a line; and how a test runs it. */
final class ServerProgram {

    private ServerProgram() {}

    public static void main(String[] urls) throws IOException {
        EmbeddedServers servers = new EmbeddedServers();
        for (String url : urls) {
            long start = System.nanoTime();
            servers.jdbcUrl(url);
            SqlmqEmbedded server = SqlmqEmbedded.named(EmbeddedUrl.parse(url).name());
            long pid = PostmasterFile.read(server.dataDirectory()).orElseThrow().pid();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            System.out.println(pid + " " + millis + " " + server.port() + " " + server.dataDirectory());
        }
        int ignored = System.in.read();
    }

    /** What the program printed about one server. */
    record Started(long pid, long millis, int port, Path data) {

        boolean running() {
            return ProcessHandle.of(pid).isPresent();
        }

        static Started parse(String line) {
            String[] words = line.split(" ", 4);
            return new Started(
                    Long.parseLong(words[0]), Long.parseLong(words[1]), Integer.parseInt(words[2]), Path.of(words[3]));
        }
    }

    static Process launch(Path home, String... urls) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-D" + HomeDirectory.PROPERTY + "=" + home));
        arguments.add(ServerProgram.class.getName());
        arguments.addAll(List.of(urls));
        return java(arguments);
    }

    static Process java(Class<?> program, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(program.getName()));
        all.addAll(List.of(arguments));
        return java(all);
    }

    private static Process java(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
