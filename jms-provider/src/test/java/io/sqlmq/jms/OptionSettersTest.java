package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionSettersTest {

    @Test
    void gettersAndSettersWithTheirDocumentationAreThoseOfTheTable() throws IOException {
        Path file = Path.of(System.getProperty("basedir", "")).resolve("src/main/java/io/sqlmq/jms/SqlmqOptions.java");
        String source = Files.readString(file);
        int begin = source.indexOf(OptionSetters.BEGIN) + OptionSetters.BEGIN.length();
        int end = source.indexOf(OptionSetters.END);
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            Files.writeString(file, source.substring(0, begin) + OptionSetters.text() + source.substring(end));
        }
        assertThat(source.substring(begin, end))
                .as("out of date; run again with -Dsqlmq.docs.update=true")
                .isEqualTo(OptionSetters.text());
    }
}
