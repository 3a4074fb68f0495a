package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/jobs.md says in Java compiles: each block, and each call in its tables that is whole. */
class JobsDocsTest {
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern CALL = Pattern.compile("`((?:jobs|job)\\.[a-z]\\w*\\([^`…]*\\))`");

    /** What the page takes for granted. */
    private static final String GIVEN = """
            import io.sqlmq.jms.*;
            import io.sqlmq.job.*;
            import java.sql.Connection;
            import java.time.*;
            import java.util.List;
            import javax.sql.DataSource;
            import org.springframework.transaction.support.TransactionTemplate;

            abstract class Docs {
                interface Mailer { void send(String text); }
                interface Account { void book(Payment payment); }
                record Payment(long amount) {}
                record Progress(int at, int end) {}
                DataSource dataSource;
                TransactionTemplate transaction;
                Account account;
                Mailer mailer;
                Connection connection;
                Checkpoint checkpoint;
                Duration window, duration, d;
                Instant instant, time, t;
                ZoneId zone;
                String name, queue, key, cron, identifier, queueName;
                Object data, payload;
                JobId id;
                java.util.List<JobBuilder> builders;
                int n, p, priority, maxAttempts;
                abstract void copyRows(int from, int to);
            """;

    @TempDir
    private Path out;

    @Test
    void whatThePageSaysCompiles() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "jobs.md"));
        StringBuilder source = new StringBuilder(GIVEN);
        List<String> blocks =
                BLOCK.matcher(page).results().map(found -> found.group(1)).toList();
        int method = 0;
        for (String block : blocks) {
            String code = block.replace("…", "");
            boolean member = code.startsWith("@Job");
            boolean quickstart = code.contains("Jobs jobs =");
            source.append(
                    member
                            ? "class Block" + method++ + " {" + code + "}\n"
                            : "void block" + method++ + "(" + (quickstart ? "" : "Jobs jobs") + ") throws Exception {"
                                    + code + "}\n");
        }
        List<String> calls =
                CALL.matcher(page).results().map(found -> found.group(1)).toList();
        for (String call : calls) {
            source.append("void call" + method++ + "(Jobs jobs, ")
                    .append(call.startsWith("job.") ? "CurrentJob" : "JobBuilder")
                    .append(" job) throws Exception {" + call + ";}\n");
        }
        assertThat(blocks).hasSizeGreaterThanOrEqualTo(5);
        assertThat(calls).hasSizeGreaterThan(15);
        assertThat(compile(source.append("}\n").toString())).isEmpty();
    }

    private String compile(String source) throws Exception {
        Path file = Files.writeString(out.resolve("Docs.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = new ArrayList<>(List.of("-proc:none", "-nowarn", "-Xlint:none", "-parameters"));
            options.addAll(List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path")));
            compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(file))
                    .call();
        }
        return said.toString();
    }
}
