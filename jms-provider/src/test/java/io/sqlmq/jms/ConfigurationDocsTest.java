package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationDocsTest {

    @Test
    void theDocumentationIsThatOfTheTable() throws IOException {
        Path file = Path.of(System.getProperty("basedir", "")).resolve("../docs/configuration.md");
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, ConfigurationDocs.text());
        }
        assertThat(file)
                .as("out of date; run again with -Dsqlmq.docs.update=true")
                .hasContent(ConfigurationDocs.text());
    }
}
