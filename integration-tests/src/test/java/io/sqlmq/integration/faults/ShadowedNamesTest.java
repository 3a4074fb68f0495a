package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;

/** What others leave in a schema of the search_path is not found by what runs with our rights. */
class ShadowedNamesTest extends IntegrationTest {

    /** Functions without a search_path: they are to be inlined, or are called for each row, and call nothing inexactly. */
    private static final String EXACT =
            "{mq_slot,mq_group,mq_first_copy,mq_last_copy,mq_slot_class,mq_hold_slot,mq_group_waits,mq_at_once,mq_time,mq_octets,"
                    + "mq_job_group,mq_job_backoff,mq_job_policy,mq_job_deliveries,mq_waiting_job_channels,mq_row_fits,mq_jobs_read}";

    @Test
    void functionsLookUpNothingButTheCatalog() {
        assertThat(value("SELECT coalesce(string_agg(p.proname, ', '), '') FROM pg_proc p"
                        + " WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'mq\\_%' AND p.proname <> ALL ('"
                        + EXACT + "')"
                        + " AND NOT coalesce(p.proconfig, '{}') @> '{\"search_path=pg_catalog, pg_temp\"}'"))
                .isEmpty();
    }

    @Test
    void sendingReceivingAndSelectingFindNoneOfTheNamesThatOthersHaveMade() throws Exception {
        try (java.sql.Connection connection = DriverManager.getConnection(url)) {
            connection.createStatement().execute("CREATE SCHEMA evil");
            Shadows.cast(connection, "evil");
        }
        sql(
                "GRANT USAGE ON SCHEMA evil TO PUBLIC",
                role("shadowed"),
                "ALTER ROLE shadowed SET search_path = public, evil",
                "SELECT mq_grant('shadowed', 'all')");
        try (Connection connection = factory.createConnection("shadowed", "any")) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer topic = session.createConsumer(session.createTopic("t"), "n > 1.5 AND name LIKE 'a%'");
            MessageConsumer consumer = session.createConsumer(
                    session.createQueue(queue), "n + 1 > 2 AND name IN ('ab', 'c') OR JMSPriority = 9");
            for (int i = 0; i < 40; i++) {
                Message message = session.createTextMessage("m");
                message.setIntProperty("n", 2);
                message.setStringProperty("name", "ab");
                message.setStringProperty("JMSXGroupID", "g" + i % 3);
                message.setStringProperty("JMS_SQLMQ_DeduplicationId", queue + i);
                session.createProducer(session.createQueue(queue)).send(message);
                session.createProducer(session.createTopic("t")).send(message);
            }
            session.commit();
            receive(consumer);
            receive(topic);
            session.rollback();
            for (int i = 0; i < 40; i++) {
                receive(consumer);
                receive(topic);
            }
            session.commit();
        } finally {
            sql("ALTER ROLE shadowed RESET search_path");
        }
    }

    /** The check of a row runs with the search_path of whoever inserts it. */
    @Test
    void whatTheTablesRefuseIsRefusedWhateverNamesTheSenderHasMade() {
        sql(
                "CREATE SCHEMA lenient",
                "CREATE FUNCTION lenient.same(boolean, boolean) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
                "CREATE OPERATOR lenient.= (LEFTARG = boolean, RIGHTARG = boolean, FUNCTION = lenient.same)");
        assertThatThrownBy(() -> sql(
                        "SET search_path = lenient, pg_catalog, public; INSERT INTO mq_msgs (id, channel_name, set_aside)"
                                + " VALUES (gen_random_uuid(), '" + queue + "', 'x')"))
                .hasStackTraceContaining("violates check constraint");
    }
}
