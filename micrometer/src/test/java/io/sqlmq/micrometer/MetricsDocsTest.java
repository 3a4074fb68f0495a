package io.sqlmq.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.testing.DocsSection;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class MetricsDocsTest {

    @Test
    void thePageHasEachMetric() throws Exception {
        StringBuilder table = new StringBuilder("\n| Metric | | Tags | |\n|---|---|---|---|\n");
        for (SqlmqMeter meter : SqlmqMeter.values()) {
            table.append("| `")
                    .append(meter.meterName())
                    .append("` | ")
                    .append(meter.kind().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(meter.tags().stream().map(tag -> "`" + tag + "`").collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(meter.description())
                    .append(" |\n");
        }
        DocsSection.assertSays("observing.md", "metrics", table.append('\n').toString());
    }

    @Test
    void theDashboardShowsThemAndNoOthers() throws Exception {
        JsonNode dashboard = new ObjectMapper()
                .readTree(Path.of("../docs/observing/grafana.json").toFile());
        Set<String> shown = Stream.of(dashboard.get("panels").toString())
                .flatMap(panels ->
                        Pattern.compile("sqlmq_[a-z_]+").matcher(panels).results())
                .map(MatchResult::group)
                .collect(Collectors.toSet());
        Set<String> there = Arrays.stream(SqlmqMeter.values())
                .flatMap(meter -> inPrometheus(meter).stream())
                .collect(Collectors.toSet());
        assertThat(shown).isNotEmpty().isSubsetOf(there);
    }

    private static List<String> inPrometheus(SqlmqMeter meter) {
        String name = meter.meterName().replace('.', '_');
        return switch (meter.kind()) {
            case COUNTER -> List.of(name + "_total");
            case TIMER ->
                Stream.of("count", "sum", "max", "bucket")
                        .map(part -> name + "_seconds_" + part)
                        .toList();
            case SUMMARY ->
                Stream.of("count", "sum", "max")
                        .map(part -> name + "_messages_" + part)
                        .toList();
            case GAUGE -> List.of(name.endsWith("_age") ? name + "_seconds" : name);
        };
    }
}
