package io.sqlmq.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who does not send all of a request, and who does. */
@Timeout(60)
class HttpFrontTest extends ConsoleTestCase {
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private MountedConsole mounted;
    private HttpFront front;

    @BeforeEach
    void listens() throws IOException {
        mounted = SqlmqConsole.builder(factory).token(TOKEN).mount();
        front = new HttpFront(mounted, "127.0.0.1", 0, LONGEST);
    }

    @AfterEach
    void close() {
        front.close();
        mounted.close();
    }

    private Socket sending(String text) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), front.port());
        socket.getOutputStream().write(text.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** All that comes until the connection ends, by either way in which it may. */
    private static String rest(Socket socket) throws IOException {
        StringBuilder all = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int c = in.read(); c >= 0; c = in.read()) {
                all.append((char) c);
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        return all.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\nHost: local",
                "POST /api/login HTTP/1.1\nHost: localhost\nContent-Length: 100\n\ntoken=",
                "POST /api/login HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n5\ntok",
                "GET /login HTTP/1.1\nHost: localhost\nContent-Length: 100\n\nhalf"
            })
    void whoSendsHalfARequestIsLeftAndOthersAreAnsweredMeanwhile(String half) throws IOException {
        long began = System.nanoTime();
        try (Socket slow = sending(half);
                Socket other = sending("GET /login HTTP/1.1\nHost: localhost\nConnection: close\n\n")) {
            assertThat(rest(other)).startsWith("HTTP/1.1 200");
            assertThat(rest(slow)).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(LONGEST);
        }
    }

    /** Server-sent events: what comes after a request takes as long as it takes. */
    @Test
    void whatIsAnsweredMayTakeLonger() throws Exception {
        Client viewer = new Client("http://127.0.0.1:" + front.port()).login("token", TOKEN);
        long began = System.nanoTime();
        try (Socket live = sending("GET /events HTTP/1.1\nHost: localhost\nCookie: " + viewer.cookie + "\n\n")) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(live.getInputStream(), StandardCharsets.UTF_8));
            while (System.nanoTime() - began < 2 * LONGEST.toNanos()) {
                assertThat(lines.readLine()).isNotNull();
            }
        }
    }
}
