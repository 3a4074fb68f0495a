package io.sqlmq.jms.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.jms.SqlmqOptions;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StartupOptionsTest {
    private static final String REFUSAL = "invalid value for parameter \"client_connection_check_interval\": 1000";

    @Test
    void whatTheUrlSaysStaysAndPrevails() {
        assertThat(StartupOptions.merge("-c tcp_keepalives_count=9 -c jit=off", ""))
                .contains("-c tcp_keepalives_idle=5", "-c jit=off", "tcp_keepalives_count=9")
                .doesNotContain("tcp_keepalives_count=3");
    }

    @Test
    void aSettingThatThePlatformRefusesIsLeftOutFromThenOn() throws Exception {
        List<String> startups = startupsAgainst("22023", REFUSAL, "3D000", "no such database");
        assertThat(startups).hasSize(2);
        assertThat(startups.get(0)).contains("client_connection_check_interval=1000", "tcp_user_timeout=10000");
        assertThat(startups.get(1)).contains("tcp_user_timeout=10000").doesNotContain("client_connection_check");
    }

    @Test
    void otherErrorsAreNotTriedAgain() throws Exception {
        assertThat(startupsAgainst("3D000", "no such database")).hasSize(1);
    }

    @Test
    void pgBouncerInBetweenIsRecognised() throws Exception {
        assertThat(startupsAgainst("08P01", "unsupported startup parameter in options: jit", "pgBouncer=true"))
                .hasSize(1);
    }

    /**
     * Connects to a server that answers each start-up with the next error, and gives back the start-ups. The last text
     * is expected in the exception.
     */
    private static List<String> startupsAgainst(String... statesAndTexts) throws Exception {
        int answers = statesAndTexts.length / 2;
        String expected = statesAndTexts[statesAndTexts.length - 1];
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            CompletableFuture<List<String>> seen = CompletableFuture.supplyAsync(() -> {
                List<String> startups = new ArrayList<>();
                for (int i = 0; i < answers; i++) {
                    startups.add(answer(server, statesAndTexts[2 * i], statesAndTexts[2 * i + 1]));
                }
                return startups;
            });
            DriverDataSource dataSource = new DriverDataSource(
                    SqlmqOptions.parse("jdbc:postgresql://127.0.0.1:" + server.getLocalPort()
                            + "/x?sslmode=disable&gssEncMode=disable"),
                    "joe",
                    "sesame");
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(dataSource::getConnection)
                    .withMessageContaining(expected)
                    .withMessageNotContaining("sesame");
            return seen.get(10, TimeUnit.SECONDS);
        }
    }

    private static String answer(ServerSocket server, String state, String text) {
        try (Socket socket = server.accept();
                DataInputStream in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream()) {
            byte[] startup = new byte[in.readInt() - 4];
            in.readFully(startup);
            byte[] fields = ("SFATAL\0VFATAL\0C" + state + "\0M" + text + "\0\0").getBytes(StandardCharsets.UTF_8);
            out.write('E');
            out.write(ByteBuffer.allocate(4).putInt(fields.length + 4).array());
            out.write(fields);
            out.flush();
            return new String(startup, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
