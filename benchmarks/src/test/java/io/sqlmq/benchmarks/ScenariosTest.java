package io.sqlmq.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every scenario in a tiny size. A scenario fails when it has not moved the messages that it counts; how fast it was is
 * never asserted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenariosTest {

    private Server server;
    private Bench bench;

    @BeforeAll
    void start() throws SQLException {
        server = Server.start();
        bench = new Bench(server, Effort.TINY, new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    @AfterAll
    void stop() throws SQLException {
        try {
            bench.close();
        } finally {
            server.close();
        }
    }

    static List<Scenario> scenarios() {
        return Scenarios.ALL;
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void runsAndMovesItsMessages(Scenario scenario) throws Exception {
        List<Finding> findings = scenario.run(bench);

        assertThat(findings).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.scenario()).isEqualTo(scenario.name());
            assertThat(finding.value()).isNotNaN();
        });
        Report report = new Report("Tiny");
        report.add(scenario, findings);
        assertThat(report.text()).contains(findings.get(0).what());
        assertThat(report.markdown()).contains("## " + scenario.name());
    }

    @Test
    void aRoundThatLostMessagesIsAnError() {
        assertThatThrownBy(() -> bench.round(Bench.Direction.RECEIVE, 10, "body", new Side() {
                    @Override
                    public void run(int messages) {
                        // receives nothing
                    }

                    @Override
                    public void close() {
                        // has nothing
                    }
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("0 messages must be in the queue, but there are 10");
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Scenarios.named(List.of("latency", "sned-each")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no scenario sned-each")
                .hasMessageContaining("send-each");
    }
}
