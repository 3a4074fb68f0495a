package io.sqlmq.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The page is made of the lines of the results, by their medians. */
class PeerReportTest {

    @Test
    void writesMediansRatiosAndPlots(@TempDir Path docs) throws Exception {
        Files.writeString(
                docs.resolve("performance.md"),
                "Before\n<!-- peers: made by `benchmarks peers --docs` -->\nold\n<!-- end of peers -->\nAfter\n");

        new PeerReport(List.of(
                        round(Peer.SQLMQ, 1000, 0),
                        round(Peer.SQLMQ, 3000, 0),
                        round(Peer.SQLMQ, 10, 0),
                        round(Peer.KAHADB, 500, 0),
                        round(Peer.ARTEMIS, 800, 0)))
                .write(docs);

        assertThat(Files.readString(docs.resolve("performance.md")))
                .startsWith("Before\n")
                .endsWith("<!-- end of peers -->\nAfter\n")
                .doesNotContain("old")
                .contains("Nothing was lost, doubled or reordered in any round.")
                .contains("| live-2 | 2 + 2 | 1,000 / – | 500 / 800 | 1.25 | ≥ 1.2 | met |");
        for (String plot : List.of("rates", "cpu")) {
            byte[] svg = Files.readAllBytes(docs.resolve("performance").resolve(plot + ".svg"));
            assertThat(DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new ByteArrayInputStream(svg))
                            .getElementsByTagName("rect")
                            .getLength())
                    .isGreaterThan(5);
        }
    }

    @Test
    void namesTheCasesWhereSomethingWasLost() {
        assertThat(new PeerReport(List.of(round(Peer.SQLMQ, 1000, 1))).tables())
                .contains("lost, doubled or reordered: live-2 (2 + 2).");
    }

    @Test
    void aLineIsReadAsItWasWritten() {
        JsonMapper mapper = JsonMapper.builder().build();
        Round round = round(Peer.KAHADB, 1000, 1);
        String line = mapper.writeValueAsString(round);

        assertThat(line.getBytes(StandardCharsets.UTF_8)).doesNotContain('\n');
        assertThat(mapper.readValue(line, Round.class)).isEqualTo(round);
    }

    @Test
    void comparesTheLastTenthWithTheFirst() {
        assertThat(Round.lastToFirst(List.of(10L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 10L, 5L, 1L)))
                .isEqualTo(0.5);
        assertThat(Round.lastToFirst(List.of(10L, 5L, 1L))).isNull();
    }

    private static Round round(Peer peer, double perSecond, long lost) {
        Double statements = peer == Peer.SQLMQ ? 2.5 : null;
        return new Round(
                "live-2",
                "2 + 2",
                peer.label(),
                1,
                1000,
                perSecond,
                Map.of("p50", 500L),
                Map.of("client", 100.0),
                statements,
                statements,
                statements,
                statements,
                statements,
                statements,
                Map.of(),
                lost,
                0,
                0,
                0,
                null);
    }
}
