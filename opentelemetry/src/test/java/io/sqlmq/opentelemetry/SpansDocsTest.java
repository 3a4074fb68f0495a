package io.sqlmq.opentelemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.sqlmq.testing.DocsSection;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SpansDocsTest {

    @Test
    void thePageHasEachSpanAndAttribute() throws Exception {
        StringBuilder text = new StringBuilder("\n| Span | Kind | |\n|---|---|---|\n");
        for (SqlmqSpan span : SqlmqSpan.values()) {
            text.append("| `")
                    .append(span.operation())
                    .append(" DESTINATION` | ")
                    .append(span.kind().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(span.description())
                    .append(" |\n");
        }
        text.append("\nAttributes: ")
                .append(Stream.of(SpanAttribute.class.getDeclaredFields())
                        .filter(field -> field.getType() == AttributeKey.class)
                        .map(field -> {
                            try {
                                return "`" + field.get(null) + "`";
                            } catch (IllegalAccessException e) {
                                throw new IllegalStateException(e);
                            }
                        })
                        .collect(Collectors.joining(", ")))
                .append(".\n\n");
        DocsSection.assertSays("observing.md", "spans", text.toString());
    }
}
