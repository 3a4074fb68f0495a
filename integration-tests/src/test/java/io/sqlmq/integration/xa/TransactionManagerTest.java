package io.sqlmq.integration.xa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Narayana ends transactions over sqlmq and a second database. §11.3. */
class TransactionManagerTest extends IntegrationTest {

    @TempDir
    private static Path log;

    private static TransactionManager manager;

    private OtherDatabase other;
    private javax.sql.XAConnection database;
    private XAConnection connection;
    private XASession session;
    private MessageConsumer consumer;

    @BeforeAll
    static void startManager() {
        manager = Narayana.start(log);
    }

    @BeforeEach
    void open() throws Exception {
        other = closeAfterwards(OtherDatabase.create(url));
        database = other.connect();
        closeAfterwards(database::close);
        connection = closeAfterwards(factory.createXAConnection());
        connection.start();
        session = connection.createXASession();
        consumer = consumer(session, queue);
    }

    @AfterEach
    void endTransaction() throws Exception {
        manager.setTransactionTimeout(0);
        if (manager.getStatus() != Status.STATUS_NO_TRANSACTION) {
            manager.rollback();
        }
        assertThat(number("SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()"))
                .as("transactions left prepared")
                .isZero();
    }

    private void beginWithBoth() throws Exception {
        manager.begin();
        assertThat(manager.getTransaction().enlistResource(session.getXAResource()))
                .isTrue();
        assertThat(manager.getTransaction().enlistResource(database.getXAResource()))
                .isTrue();
    }

    @Test
    void bothResourcesAreCommitted() throws Exception {
        send("work");
        beginWithBoth();
        OtherDatabase.note(database, text(receive(consumer)));
        sendIn(session, queue + ".done", "done");
        manager.commit();
        assertThat(other.noted()).containsExactly("work");
        assertThat(drain(factory, queue)).isEmpty();
        assertThat(drain(factory, queue + ".done")).containsExactly("done");
    }

    @Test
    void bothResourcesAreRolledBackAndTheDeliveryCounts() throws Exception {
        send("work");
        beginWithBoth();
        OtherDatabase.note(database, text(receive(consumer)));
        sendIn(session, queue + ".done", "done");
        manager.rollback();
        assertThat(other.noted()).isEmpty();
        assertThat(drain(factory, queue + ".done")).isEmpty();
        beginWithBoth();
        Message again = receive(consumer);
        assertThat(deliveryCount(again)).isEqualTo(2);
        assertThat(again.getJMSRedelivered()).isTrue();
        manager.commit();
    }

    @Test
    void aResourceThatCannotPrepareRollsBackTheOther() throws Exception {
        send("work");
        beginWithBoth();
        receive(consumer);
        try (Connection sql = database.getConnection();
                Statement statement = sql.createStatement()) {
            statement.execute("CREATE TEMPORARY TABLE unpreparable (i int)");
        }
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        beginWithBoth();
        assertThat(deliveryCount(receive(consumer))).isEqualTo(2);
        manager.commit();
    }

    @Test
    void aLoneResourceIsCommittedInOnePhase() throws Exception {
        send("work");
        manager.begin();
        manager.getTransaction().enlistResource(session.getXAResource());
        assertThat(text(receive(consumer))).isEqualTo("work");
        sendIn(session, queue, "next");
        manager.commit();
        assertThat(drain(factory, queue)).containsExactly("next");
    }

    @Test
    void aSuspendedTransactionGoesOn() throws Exception {
        send("outer", "inner");
        beginWithBoth();
        assertThat(text(receive(consumer))).isEqualTo("outer");
        manager.getTransaction().delistResource(session.getXAResource(), XAResource.TMSUSPEND);
        Transaction outer = manager.suspend();
        manager.begin();
        manager.getTransaction().enlistResource(session.getXAResource());
        assertThat(text(receive(consumer))).isEqualTo("inner");
        manager.rollback();
        manager.resume(outer);
        manager.getTransaction().enlistResource(session.getXAResource());
        sendIn(session, queue + ".done", "done");
        manager.commit();
        assertThat(drain(factory, queue)).containsExactly("inner");
        assertThat(drain(factory, queue + ".done")).containsExactly("done");
    }

    @Test
    void sessionsOfSeveralConnectionsShareABranch() throws Exception {
        XAConnection second = closeAfterwards(factory.createXAConnection());
        XASession sending = second.createXASession();
        send("work");
        beginWithBoth();
        assertThat(manager.getTransaction().enlistResource(sending.getXAResource()))
                .isTrue();
        assertThat(text(receive(consumer))).isEqualTo("work");
        sendIn(sending, queue, "own");
        assertNothingComes(consumer);
        assertThat(number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND state = 'idle in transaction' AND application_name = 'sqlmq'"))
                .as("transactions in which something was done")
                .isEqualTo(1);
        manager.commit();
        assertThat(drain(factory, queue)).containsExactly("own");
    }

    @Test
    void aTransactionThatTakesTooLongIsRolledBack() throws Exception {
        send("work");
        manager.setTransactionTimeout(1);
        beginWithBoth();
        assertThat(text(receive(consumer))).isEqualTo("work");
        Transaction transaction = manager.getTransaction();
        await().atMost(Duration.ofSeconds(20)).until(() -> transaction.getStatus() != Status.STATUS_ACTIVE);
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        await().atMost(Duration.ofSeconds(20)).until(() -> drain(factory, queue).equals(List.of("work")));
    }

    @Test
    void sqlOfTheSessionIsPartOfTheTransaction() throws Exception {
        sql("CREATE TABLE IF NOT EXISTS parcel (text text)");
        for (boolean commits : new boolean[] {false, true}) {
            beginWithBoth();
            try (Statement statement = statement()) {
                statement.execute("INSERT INTO parcel VALUES ('packed')");
            }
            if (commits) {
                manager.commit();
            } else {
                manager.rollback();
            }
        }
        assertThat(number("SELECT count(*) FROM parcel")).isEqualTo(1);
    }

    @Test
    void aFailedStatementOfTheApplicationRollsBack() throws Exception {
        beginWithBoth();
        sendIn(session, queue, "never");
        assertThatThrownBy(() -> {
                    try (Statement statement = statement()) {
                        statement.execute("SELECT 1/0");
                    }
                })
                .isInstanceOf(SQLException.class);
        OtherDatabase.note(database, "never");
        assertThatThrownBy(manager::commit).isInstanceOf(RollbackException.class);
        assertThat(other.noted()).isEmpty();
        assertThat(drain(factory, queue)).isEmpty();
    }

    private Statement statement() throws Exception {
        return SqlmqTransactions.connection(session).createStatement();
    }
}
