package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CliDocsTest {

    @Test
    void theDocumentationIsThatOfTheCommands() throws IOException {
        Path file = Path.of(System.getProperty("basedir", "")).resolve("../docs/cli.md");
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.writeString(file, CliDocs.text());
        }
        assertThat(file)
                .as("out of date; run again with -Dsqlmq.docs.update=true")
                .hasContent(CliDocs.text());
    }
}
