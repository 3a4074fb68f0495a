package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.schema.internal.ClaimedColumn;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A message is suspect when the transaction that last took it had signed and ended otherwise than by a commit. */
@Timeout(60)
class SuspectTest {
    private static final long SIGNATURE = 11;
    private static final long ANOTHER = 12;

    @RegisterExtension
    static final QueueSchema QUEUES = new QueueSchema();

    @BeforeEach
    void sendAndHaveSignatures() throws Exception {
        QUEUES.outside().execute("INSERT INTO mq_signatures (id, owner) VALUES (11, 1), (12, 1)");
        QUEUES.insert("a");
        QUEUES.insertUnlogged("unlogged");
    }

    @Test
    void aFreshMessageIsNot() throws Exception {
        assertThat(suspects(QUEUES.open())).isEmpty();
    }

    @Test
    void aConsumerThatIsRolledBackLeavesSuspects() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        consumer.rollback();
        QUEUES.insert("later");
        assertThat(suspects(QUEUES.open())).containsExactly("a", "unlogged");
    }

    @Test
    void aConsumerThatDiesLeavesSuspects() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        QUEUES.outside()
                .values("pg_terminate_backend("
                        + consumer.values("pg_backend_pid()").get(0) + ", 20000)");
        assertThat(suspects(QUEUES.open())).containsExactly("a", "unlogged");
    }

    @Test
    void whatAConsumerLetsGoByACommitIsNot() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        consumer.commit();
        assertThat(suspects(QUEUES.open())).isEmpty();
    }

    @Test
    void aRollbackWithoutASignatureIsNobodysFailure() throws Exception {
        QueueSession operator = QUEUES.open();
        assertThat(operator.execute("DELETE FROM mq_msgs")).isEqualTo(1);
        assertThat(operator.execute("DELETE FROM mq_msgs_unlogged")).isEqualTo(1);
        operator.rollback();
        assertThat(suspects(QUEUES.open())).isEmpty();
    }

    @Test
    void theSignatureOfAnotherTransactionSaysNothing() throws Exception {
        QueueSession unsigned = QUEUES.open();
        unsigned.claim(10);
        unsigned.rollback();
        QueueSession consumer = QUEUES.open();
        consumer.sign(SIGNATURE);
        consumer.rollback();
        assertThat(suspects(QUEUES.open())).isEmpty();
    }

    @Test
    void aClaimBehindASavepointIsToldByItsOwnSignature() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.execute("SAVEPOINT before");
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        consumer.execute("ROLLBACK TO before");
        assertThat(suspects(QUEUES.open())).as("while the transaction goes on").containsExactly("a", "unlogged");
    }

    /** The row's xmax is a multixact then, which looks like any transaction. */
    @Test
    void severalLocksOfOneTransactionHideNothing() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.values("id FROM mq_msgs FOR SHARE");
        consumer.execute("SAVEPOINT before");
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        consumer.rollback();
        assertThat(QUEUES.outside().values("count(*) FROM mq_msgs m, pg_get_multixact_members(m.xmax)"))
                .containsExactly("2");
        assertThat(suspects(QUEUES.open())).containsExactly("a", "unlogged");
    }

    @Test
    void aFailureIsRememberedWhenItsSignatureIsUsedAgain() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        QueueSession running = QUEUES.open();
        running.sign(ANOTHER);
        assertThat(settle()).as("of running transactions").isEmpty();
        consumer.rollback();
        assertThat(settle()).containsExactly(String.valueOf(SIGNATURE));
        QueueSession next = QUEUES.open();
        next.sign(SIGNATURE);
        next.commit();
        assertThat(suspects(QUEUES.open())).containsExactly("a", "unlogged");
    }

    @Test
    void whatADeadProcessHasSignedIsNotedBeforeItIsSweptAway() throws Exception {
        QueueSession consumer = QUEUES.open();
        consumer.claim(10);
        consumer.sign(SIGNATURE);
        consumer.rollback();
        QUEUES.outside().values("mq_sweep_signatures(0)");
        assertThat(signatures())
                .as("one tells of a failure that was only just noted")
                .containsExactly("11");
        QUEUES.outside().values("mq_sweep_signatures(0)");
        assertThat(signatures()).isEmpty();
        assertThat(suspects(QUEUES.open())).containsExactly("a", "unlogged");
        QUEUES.outside().execute("UPDATE mq_failures SET failed_at = failed_at - interval '25 h'");
        QUEUES.outside().values("mq_sweep_signatures(0)");
        assertThat(QUEUES.outside().values("xact FROM mq_failures")).isEmpty();
    }

    @Test
    void signaturesOfTheLivingStay() throws Exception {
        QUEUES.outside().execute("INSERT INTO mq_owners VALUES (1, 'alive', true, now() + interval '1 h')");
        QUEUES.outside().values("mq_sweep_signatures(0)");
        assertThat(signatures()).containsExactly("11", "12");
        QUEUES.outside().values("mq_sweep_signatures(1)");
        assertThat(signatures()).as("but those of the one that goes").isEmpty();
        QUEUES.outside().execute("DELETE FROM mq_owners");
    }

    private static List<String> settle() throws Exception {
        return QUEUES.outside().values("mq_settle_signatures('{11, 12}')");
    }

    private static List<String> signatures() throws Exception {
        return QUEUES.outside().values("id FROM mq_signatures ORDER BY id");
    }

    private static List<String> suspects(QueueSession session) throws Exception {
        return ClaimedMessage.texts(session.claim(10).stream()
                .filter(message -> message.is(ClaimedColumn.SUSPECT))
                .toList());
    }
}
