package io.sqlmq.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A part of a page of docs that is written from code, between {@code <!-- NAME: … -->} and {@code <!-- end of NAME -->}. */
public final class DocsSection {

    private DocsSection() {}

    /** Holds that the page says this; with {@code -Dsqlmq.docs.update=true} it does from now on. */
    public static void assertSays(String page, String section, String text) throws IOException {
        Path file =
                Path.of(System.getProperty("basedir", "")).resolve("../docs").resolve(page);
        String all = Files.readString(file);
        int begin = all.indexOf("-->\n", all.indexOf("<!-- " + section + ":")) + "-->\n".length();
        int end = all.indexOf("<!-- end of " + section + " -->");
        if (Boolean.getBoolean("sqlmq.docs.update")) {
            all = all.substring(0, begin) + text + all.substring(end);
            Files.writeString(file, all);
            end = begin + text.length();
        }
        assertThat(all.substring(begin, end))
                .as("%s is out of date; run again with -Dsqlmq.docs.update=true", page)
                .isEqualTo(text);
    }
}
