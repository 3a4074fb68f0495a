package io.sqlmq.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The console over the HTTP server that every JDK has. */
final class HttpFront implements AutoCloseable {
    private static final int MOST_THREADS = 300;
    private static final int MOST_BYTES = 1_000_000;
    /** From its first byte to its last. */
    static final Duration LONGEST_REQUEST = Duration.ofSeconds(20);

    private static final String NO_DELAY = "sun.net.httpserver.nodelay";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    /** What the thread is reading. */
    private static final ThreadLocal<Reading> READINGS = new ThreadLocal<>();

    // It sends the head of an answer before the body, which would wait for the acknowledgement of the head: 40 ms each
    // time.
    static {
        if (System.getProperty(NO_DELAY) == null) {
            System.setProperty(NO_DELAY, "true");
        }
    }

    private final MountedConsole console;
    private final HttpServer server;
    private final ExecutorService threads;
    private final ScheduledExecutorService timer;
    private final boolean isLoopback;

    HttpFront(MountedConsole console, String host, int port, Duration longestRequest) throws IOException {
        this.console = console;
        InetAddress address = InetAddress.getByName(host);
        this.isLoopback = address.isLoopbackAddress();
        this.server = HttpServer.create(new InetSocketAddress(address, port), 0);
        AtomicInteger number = new AtomicInteger();
        ThreadFactory factory = task -> {
            Thread thread = new Thread(task, "sqlmq-console-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        this.threads = new ThreadPoolExecutor(0, MOST_THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
        this.timer = Executors.newSingleThreadScheduledExecutor(factory);
        server.setExecutor(request -> threads.execute(() -> run(request, longestRequest)));
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /**
     * Reads a request and has it answered. The server would wait for the rest of one for ever, and its own limit is one for all servers of
     * the process.
     */
    private void run(Runnable request, Duration longest) {
        Reading reading = new Reading(Thread.currentThread());
        READINGS.set(reading);
        Future<?> limit = timer.schedule(reading::giveUp, longest.toMillis(), TimeUnit.MILLISECONDS);
        try {
            request.run();
        } finally {
            reading.end();
            limit.cancel(false);
            READINGS.remove();
        }
    }

    /** Is over when all of the request is there. */
    private static final class Reading {
        private final Thread thread;
        private boolean isOver;

        Reading(Thread thread) {
            this.thread = thread;
        }

        synchronized void end() {
            isOver = true;
        }

        /** Closes the connection: that is what an interruption does to the channel that a thread reads from. */
        synchronized void giveUp() {
            if (!isOver) {
                thread.interrupt();
            }
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Response response = answer(exchange);
            response.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] body = response.body();
            if (body != null) {
                boolean isEmpty =
                        body.length == 0 || exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(response.status(), isEmpty ? -1 : body.length);
                if (!isEmpty) {
                    exchange.getResponseBody().write(body);
                }
            } else if (response.stream() != null) {
                exchange.sendResponseHeaders(response.status(), 0);
                OutputStream out = exchange.getResponseBody();
                response.stream().to(text -> {
                    out.write(text.getBytes(StandardCharsets.UTF_8));
                    out.flush();
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Response answer(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
        // Also what nobody looks at: the server reads it before it ends the exchange, which then has no limit.
        byte[] bytes = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            return Response.of(413, "text/plain", "Too much.".getBytes(StandardCharsets.UTF_8));
        }
        READINGS.get().end();
        String form = exchange.getRequestMethod().equals("POST") ? new String(bytes, StandardCharsets.UTF_8) : null;
        if (isLoopback && !isLoopback(headers.get("host"))) {
            // Another site whose name was made to lead here.
            return Response.of(421, "text/plain", "Not a name of this console.".getBytes(StandardCharsets.UTF_8));
        }
        Map<String, String> parameters;
        try {
            parameters =
                    Request.parameters(form == null ? exchange.getRequestURI().getRawQuery() : form);
        } catch (Refused e) {
            return Response.of(e.status(), "text/plain", e.text().getBytes(StandardCharsets.UTF_8));
        }
        return console.answer(new Request(
                exchange.getRequestMethod(),
                "",
                exchange.getRequestURI().getPath(),
                headers,
                parameters,
                exchange.getRemoteAddress().getAddress().getHostAddress(),
                Request.Caller.UNKNOWN));
    }

    private static boolean isLoopback(@Nullable String host) {
        return host != null && LOOPBACK.contains(host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        timer.shutdownNow();
    }
}
