package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That a factory begins is said once, that the database is away once, and once that it is back. */
@Tag("faults")
@Timeout(120)
class OutageLogTest {

    private static final int AWAY_MILLIS = 2_000;
    private static final String START = "INFO io.sqlmq.jms.SqlmqConnectionFactory - sqlmq ";
    private static final String AWAY = "WARN io.sqlmq.engine.Engine - The database cannot be reached: ";
    private static final String BACK = "INFO io.sqlmq.engine.Engine - The database answers again, after ";

    @TempDir
    Path data;

    @Test
    void theLogSaysItOnce() throws Exception {
        try (RestartableServer server = RestartableServer.start(data)) {
            migrate(server.jdbcUrl());
            try (ChildJvm own = ChildJvm.start(BusyProgram.class, server.jdbcUrl(), "url");
                    ChildJvm given = ChildJvm.start(BusyProgram.class, server.jdbcUrl(), "pool")) {
                List<ChildJvm> programs = List.of(own, given);
                tell(programs, "are all at work?");
                server.stop();
                TimeUnit.MILLISECONDS.sleep(AWAY_MILLIS);
                server.startAgain();
                tell(programs, "are all at work again?");
                server.crash();
                TimeUnit.MILLISECONDS.sleep(AWAY_MILLIS);
                server.startAgain();
                tell(programs, "are all at work again?");
                for (ChildJvm program : programs) {
                    program.tell("stop");
                    program.awaitLine("stopped");
                    program.awaitExit();
                    assertThat(program.said()).noneMatch(line -> line.startsWith("not all hear"));
                    assertThat(linesOf(program, " io.sqlmq."))
                            .zipSatisfy(
                                    List.of(START, AWAY, BACK, AWAY, BACK),
                                    (line, text) -> assertThat(line).contains(text));
                }
                assertThat(linesOf(own, " com.zaxxer."))
                        .as("of our own pools")
                        .noneMatch(line -> line.startsWith("WARN "));
            }
        }
    }

    private static void tell(List<ChildJvm> programs, String line) throws Exception {
        for (ChildJvm program : programs) {
            program.tell(line);
            program.awaitLine("at work");
        }
    }

    private static void migrate(String url) throws JMSException {
        try (SqlmqConnectionFactory factory = new SqlmqConnectionFactory(url + "&sqlmq.schemaManagement=migrate")) {
            factory.createConnection().close();
        }
    }

    private static List<String> linesOf(ChildJvm program, String logger) {
        return program.said().stream()
                .filter(line -> line.matches("(INFO|WARN|ERROR)" + logger.replace(".", "\\.") + ".*"))
                .toList();
    }
}
