package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that docs/design/job-features.md names are there. */
class FeatureTableTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`([a-z/-]+)/(\\w+Test)(?:#(\\w+))?`");

    @Test
    void eachTestOfTheTableExists() throws Exception {
        List<String> missing = new ArrayList<>();
        int named = 0;
        Matcher test = NAMED.matcher(Files.readString(ROOT.resolve("docs/design/job-features.md")));
        while (test.find()) {
            named++;
            if (!isThere(test.group(1), test.group(2), test.group(3))) {
                missing.add(test.group());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(60);
    }

    private static boolean isThere(String module, String name, String method) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
            for (Path file : files.filter(f -> f.endsWith(name + ".java")).toList()) {
                if (method == null || Files.readString(file).contains(" void " + method + "(")) {
                    return true;
                }
            }
        }
        return false;
    }
}
