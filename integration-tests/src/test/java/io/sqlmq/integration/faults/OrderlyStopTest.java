package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.embedded.SqlmqEmbedded;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who starts, works and stops as he should gives nobody anything to read. */
@Tag("faults")
@Timeout(60)
class OrderlyStopTest {

    @ParameterizedTest
    @ValueSource(strings = {"url", "pool"})
    void neitherTheProgramNorTheServerWarns(String kind) throws Exception {
        try (SqlmqEmbedded server = SqlmqEmbedded.start()) {
            server.connectionFactory().createConnection().close();
            int before = log(server).size();
            try (ChildJvm program = ChildJvm.start(StoppingProgram.class, server.jdbcUrl(), kind)) {
                program.awaitLine("stopped");
                program.awaitExit();
                assertThat(program.said()).containsExactly("stopped");
            }
            List<String> log = log(server);
            assertThat(log.subList(before, log.size()))
                    .noneMatch(line -> line.contains("WARNING:") || line.contains("ERROR:") || line.contains("FATAL:"));
        }
    }

    private static List<String> log(SqlmqEmbedded server) throws IOException {
        return Files.readAllLines(server.dataDirectory().resolveSibling("server.log"));
    }
}
