package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.testing.Async;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The server refuses what becomes of a leased message, while the connection is intact: a full disk, a trigger of the application.
 * The process lives on and has the lease; it must not keep the message for that.
 */
class RefusedStatementsTest extends IntegrationTest {

    private static final int INDIVIDUAL = 4;

    /** Refuses what {@code refusing} names: an operation, and a body or the text of an error. */
    private static final String TRIGGER = """
            CREATE TABLE refusing (operation text, what text, state text);
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
            DECLARE r record;
            BEGIN
              FOR r IN SELECT * FROM refusing LOOP
                IF TG_OP = r.operation AND OLD.lease_owner IS NOT NULL
                   AND (TG_OP = 'DELETE' OR NEW.lease_owner IS NULL)
                   AND (r.what IN ('any', OLD.payload_text) OR (r.what = 'error' AND NEW.last_error IS NOT NULL)) THEN
                  RAISE EXCEPTION 'refused' USING ERRCODE = r.state;
                END IF;
              END LOOP;
              RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END $$;
            CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON mq_msgs FOR EACH ROW EXECUTE FUNCTION refuse()""";

    @BeforeEach
    void addTrigger() throws Exception {
        factory.createConnection().close(); // creates the tables
        sql(TRIGGER);
    }

    @AfterEach
    void dropTrigger() throws Exception {
        sql("DROP TRIGGER refuse ON mq_msgs; DROP FUNCTION refuse(); DROP TABLE refusing");
    }

    private void refuse(String operation, String what, String state) throws Exception {
        sql("INSERT INTO refusing VALUES ('" + operation + "', '" + what + "', '" + state + "')");
    }

    private void refuseNothing() throws Exception {
        sql("DELETE FROM refusing");
    }

    private void awaitLeases(int count) {
        await().until(() ->
                number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL AND channel_name = '" + queue + "'")
                        == count);
    }

    private void awaitNothingLeft() {
        await().until(() -> number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'") == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, INDIVIDUAL})
    void whatIsRecoveredComesAgainAlthoughItCouldNotBeGivenBackAtFirst(int mode) throws Exception {
        send("one");
        Session session = session(mode);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        awaitLeases(1);
        refuse("UPDATE", "any", "53100");
        assertThat(catchThrowable(session::recover)).isNull();
        session.recover();
        assertNothingComes(consumer);
        refuseNothing();
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("one");
        assertThat(deliveryCount(again)).isEqualTo(2);
        again.acknowledge();
        awaitNothingLeft();
    }

    @Test
    void whatASessionHeldWhenItWasClosedComesAlthoughItCouldNotBeGivenBackAtFirst() throws Exception {
        send("one");
        Session session = session(INDIVIDUAL);
        receive(consumer(session, queue));
        refuse("UPDATE", "any", "55P03");
        session.close();
        refuseNothing();
        assertThat(text(receive(consumer(session(Session.AUTO_ACKNOWLEDGE), queue))))
                .isEqualTo("one");
    }

    @Test
    void aMessageThatCannotBeGivenBackDoesNotKeepOthers() throws Exception {
        send("one", "two", "three");
        Session session = session(INDIVIDUAL);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        receive(consumer);
        receive(consumer);
        refuse("UPDATE", "two", "P0001");
        session.recover();
        MessageConsumer other = consumer(session(Session.AUTO_ACKNOWLEDGE), queue);
        Set<String> came = new TreeSet<>();
        came.add(text(receive(other)));
        came.add(text(receive(other)));
        assertThat(came).containsExactly("one", "three");
        refuseNothing();
        assertThat(text(receive(other))).isEqualTo("two");
    }

    @Test
    void aMessageComesBackWithoutTheTextThatIsRefused() throws Exception {
        send("one");
        Queue<Integer> deliveries = new ConcurrentLinkedQueue<>();
        refuse("UPDATE", "error", "22021");
        consumer(session(Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
            deliveries.add(Async.unchecked(() -> deliveryCount(message)));
            if (deliveries.size() == 1) {
                awaitLeases(1);
                throw new IllegalStateException("a text that the database refuses");
            }
        });
        await().until(() -> deliveries.size() == 2);
        awaitNothingLeft();
        assertThat(deliveries).containsExactly(1, 2);
    }

    @Test
    void anAcknowledgementOfASlowListenerIsWrittenLater() throws Exception {
        send("one");
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        refuse("DELETE", "any", "53100");
        consumer(session(Session.AUTO_ACKNOWLEDGE), queue).setMessageListener(message -> {
            awaitLeases(1);
            heard.add(Async.unchecked(() -> text(message)));
        });
        await().until(() -> !heard.isEmpty());
        assertNothingComes(consumer(session(Session.AUTO_ACKNOWLEDGE), queue));
        refuseNothing();
        awaitNothingLeft();
        assertThat(heard).containsExactly("one");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anApplicationsAcknowledgeThatIsRefusedCanBeRepeatedOrTheMessageRecovered(boolean repeated) throws Exception {
        send("one", "two");
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        receive(consumer);
        awaitLeases(1);
        Message second = receive(consumer);
        awaitLeases(2);
        refuse("DELETE", "any", "53100");
        assertThat(catchThrowable(second::acknowledge)).isInstanceOf(JMSException.class);
        refuseNothing();
        if (!repeated) {
            session.recover();
            assertThat(text(receive(consumer))).isEqualTo("one");
            second = receive(consumer);
            assertThat(text(second)).isEqualTo("two");
        }
        second.acknowledge();
        awaitNothingLeft();
    }
}
