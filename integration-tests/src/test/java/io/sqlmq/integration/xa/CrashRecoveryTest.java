package io.sqlmq.integration.xa;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.integration.faults.ChildJvm;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The application dies while Narayana commits; another process recovers. §11.3. */
@Tag("faults")
@Timeout(120)
class CrashRecoveryTest extends IntegrationTest {

    @TempDir
    private Path log;

    private OtherDatabase other;

    @BeforeEach
    void createOther() throws Exception {
        other = closeAfterwards(OtherDatabase.create(url));
    }

    private ChildJvm child(String task) throws IOException {
        return closeAfterwards(ChildJvm.start(CrashingProgram.class, task, url, other.url(), log.toString(), queue));
    }

    private void dieIn(String phase) throws Exception {
        send("work");
        ChildJvm child = child(phase);
        child.awaitExit();
        assertThat(child.said()).as("it died").doesNotContain("survived");
        assertThat(prepared()).isEqualTo(1);
    }

    private void recover() throws Exception {
        ChildJvm recovering = child("recover");
        recovering.awaitLine("recovered");
        recovering.awaitExit();
        assertThat(prepared()).isZero();
    }

    private long prepared() {
        return number("SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()");
    }

    @Test
    void whatWasDecidedIsCommittedAfterTheCrash() throws Exception {
        dieIn("commit");
        try (MessageConsumer waiting = consumer(session(Session.AUTO_ACKNOWLEDGE), queue + ".done");
                MessageConsumer again = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(waiting);
            assertNothingComes(again);
            recover();
            assertThat(text(receive(waiting))).isEqualTo("work");
            assertNothingComes(waiting);
            assertNothingComes(again);
        }
        assertThat(other.noted()).containsExactly("work");
    }

    @Test
    void whatWasNotDecidedIsRolledBackAfterTheCrashAndTheDeliveryCounts() throws Exception {
        dieIn("prepare");
        try (MessageConsumer again = consumer(session(Session.AUTO_ACKNOWLEDGE), queue)) {
            assertNothingComes(again);
            recover();
            Message message = receive(again);
            assertThat(text(message)).isEqualTo("work");
            assertThat(deliveryCount(message)).isEqualTo(2);
        }
        assertThat(drain(factory, queue + ".done")).isEmpty();
        assertThat(other.noted()).isEmpty();
    }
}
