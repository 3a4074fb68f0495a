package io.sqlmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.embedded.EmbeddedOptions;
import io.sqlmq.embedded.SqlmqEmbedded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes a whole server sick: it has one of its own for that. */
class SickServerTest extends CliTestCase {

    @TempDir
    Path directory;

    private Map<String, Object> finding(String check) {
        return run("doctor", "-o", "json").lines().stream()
                .map(line -> Json.object(line, "it"))
                .filter(finding -> check.equals(finding.get("check")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isFoundByTheDoctor() throws Exception {
        String before = url;
        EmbeddedOptions options = EmbeddedOptions.defaults().dataDirectory(directory.resolve("data"));
        try {
            try (SqlmqEmbedded server = SqlmqEmbedded.start(options.setting("autovacuum", "off")
                    .setting("max_locks_per_transaction", "10")
                    .setting("wal_level", "logical"))) {
                url = server.jdbcUrl();
                ok("migrate");
                assertThat(finding("autovacuum"))
                        .containsEntry("state", "sick")
                        .containsEntry("found", "autovacuum is off")
                        .containsEntry("advice", "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf()");
                assertThat(finding("locks"))
                        .containsEntry("state", "note")
                        .containsEntry("found", "max_locks_per_transaction is 10");
                assertThat(finding("durability"))
                        .containsEntry("state", "sick")
                        .containsEntry("found", "off: fsync, full_page_writes, synchronous_commit");
                assertThat(finding("slots")).containsEntry("state", "ok");
                sql("SELECT pg_create_logical_replication_slot('nobody_reads', 'pgoutput')");
                assertThat(finding("slots"))
                        .containsEntry("state", "sick")
                        .containsEntry("found", "vacuum is held back by nobody_reads");
                sql("SELECT pg_drop_replication_slot('nobody_reads')");
            }
            Files.createFile(directory.resolve("data").resolve("standby.signal"));
            try (SqlmqEmbedded server = SqlmqEmbedded.start(options)) {
                environment.put("SQLMQ_URL", server.jdbcUrl());
                assertThat(finding("primary"))
                        .containsEntry("state", "sick")
                        .containsEntry("found", "this is a hot standby");
                assertThat(finding("listen")).containsEntry("state", "sick");
                assertThat(run("doctor").err()).isEmpty();
            }
        } finally {
            url = before;
        }
    }
}
