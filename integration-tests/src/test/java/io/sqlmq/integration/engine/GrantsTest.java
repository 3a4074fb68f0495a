package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code mq_grant} gives to a role is enough for what it says, and no more. */
class GrantsTest extends IntegrationTest {

    private static final Set<String> KINDS = Set.of(
            "all", "queues", "send", "send by SQL", "receive", "watch", "watch headers", "watch bodies", "administer");

    /** Nothing comes from PUBLIC, not even EXECUTE. */
    @BeforeEach
    void nothingIsGivenToAll() {
        sql("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC", "REVOKE ALL ON SCHEMA public FROM PUBLIC");
    }

    private void role(String name, String what) {
        sql(role(name), "SELECT mq_grant('" + name + "', '" + what + "')");
    }

    private Session as(String role, int mode) throws Exception {
        return as(factory, role, mode);
    }

    private Session as(SqlmqConnectionFactory from, String role, int mode) throws Exception {
        jakarta.jms.Connection connection = closeAfterwards(from.createConnection(role, "any"));
        connection.start();
        return connection.createSession(mode);
    }

    private void as(String role, String statement) {
        sql("SET SESSION AUTHORIZATION " + role, statement);
    }

    @Test
    void aRoleThatMaySendSendsWhateverThereIsAndReadsNothing() throws Exception {
        role("grants_sender", "send");
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.SESSION_TRANSACTED}) {
            Session session = as("grants_sender", mode);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            for (int delivery : new int[] {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT}) {
                for (int i = 0; i < 2; i++) {
                    Message message = session.createTextMessage("m");
                    message.setStringProperty("JMS_SQLMQ_DeduplicationId", mode + "/" + delivery);
                    producer.send(message, delivery, 4, 0);
                }
            }
            if (mode == Session.SESSION_TRANSACTED) {
                session.commit();
            }
        }
        assertThat(drain(factory, queue)).hasSize(4);
        Session session = as("grants_sender", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        assertThatThrownBy(() -> consumer.receive(100)).isInstanceOf(JMSSecurityException.class);
        refused("grants_sender", "SELECT payload_text FROM mq_msgs");
        refused("grants_sender", "DELETE FROM mq_msgs");
        refused("grants_sender", "UPDATE mq_msgs SET payload_text = 'x'");
    }

    /** What docs/operating.md gives is there, and nothing else. */
    @Test
    void theKindsThatAreDocumentedAreTheseAndTheStatementsWork() throws Exception {
        String roles = Files.readString(Path.of("..", "docs", "operating.md"))
                .replaceFirst("(?s).*?\n## Roles\n", "")
                .replaceFirst("(?s)\n## .*", "");
        assertThat(Pattern.compile("(?m)^\\| `([^`(]+)` \\|")
                        .matcher(roles)
                        .results()
                        .map(m -> m.group(1)))
                .containsExactlyInAnyOrderElementsOf(KINDS);
        sql(role("app"));
        Matcher statement = Pattern.compile("SELECT mq\\.mq_\\w+\\([^)]*\\)").matcher(roles);
        int statements = 0;
        for (; statement.find(); statements++) {
            sql(statement.group().replace("mq.mq_", "public.mq_"));
        }
        assertThat(statements).isEqualTo(2);
        sql("DROP ROLE app");
        assertThatThrownBy(() -> sql("SELECT mq_grant('app', 'everything')"))
                .rootCause()
                .hasMessageContainingAll(KINDS.toArray(String[]::new));
    }

    @Test
    void aSenderCannotDeleteWhatOthersHaveSentAsDuplicates() throws Exception {
        role("grants_sender", "send");
        send("of another");
        as(
                "grants_sender",
                "SELECT mq_drop_duplicates(ARRAY['x'], ARRAY['y'], ARRAY[m.id], ARRAY[m.id], ARRAY['" + queue
                        + "'], ARRAY[m.id]) FROM (SELECT id FROM mq_msgs) m");
        assertThat(drain(factory, queue)).containsExactly("of another");
    }

    @Test
    void aRoleThatSendsBySqlNeedsNoMore() throws Exception {
        role("grants_sql", "send by SQL");
        as(
                "grants_sql",
                "SELECT mq_send('" + queue
                        + "', 'one', '{\"JMS_SQLMQ_DeduplicationId\": \"a\", \"JMSXGroupID\": \"g\"}')");
        as("grants_sql", "SELECT mq_send('" + queue + "', 'two', '{\"JMS_SQLMQ_DeduplicationId\": \"a\"}')");
        assertThat(drain(factory, queue)).containsExactly("one");
        refused("grants_sql", "SELECT id FROM mq_msgs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "queues", "receive", "administer"})
    void aRoleThatMayReceiveIsSentAgainWhatItRollsBackAndSelects(String what) throws Exception {
        String role = "grants_" + what;
        role(role, what);
        send("one");
        Session session = as(role, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue), "JMSPriority = 4");
        receive(consumer);
        session.rollback();
        assertThat(text(receive(consumer))).isEqualTo("one");
        assertThat(session.createBrowser(session.createQueue(queue)).getEnumeration())
                .isNotNull();
        session.commit();
        if (what.equals("queues")) {
            assertThatThrownBy(() -> session.createConsumer(session.createTopic("t")))
                    .isInstanceOf(JMSSecurityException.class);
        } else {
            session.createConsumer(session.createTopic("t"));
        }
        if (what.equals("receive")) {
            refused(role, "INSERT INTO mq_msgs (id, channel_name) VALUES (gen_random_uuid(), 'x')");
        }
    }

    @ParameterizedTest
    @CsvSource({"watch, mq_queues, mq_messages", "watch bodies, mq_messages, mq_msgs"})
    void aWatcherSeesNoMoreThanItMay(String what, String seen, String hidden) {
        String role = what.equals("watch") ? "grants_watch" : "grants_bodies";
        role(role, what);
        as(role, "SELECT * FROM " + seen);
        refused(role, "SELECT * FROM " + hidden);
    }

    @Test
    void whoWatchesHeadersReadsNoBody() {
        role("grants_headers", "watch headers");
        as("grants_headers", "SELECT id, properties, last_error, locked FROM mq_rows");
        for (String column : new String[] {"payload_text", "payload_bytes", "payload_json"}) {
            refused("grants_headers", "SELECT " + column + " FROM mq_rows");
        }
        refused("grants_headers", "SELECT * FROM mq_messages");
        refused("grants_headers", "SELECT * FROM mq_dead_letters");
    }

    /** Wherever a message, a dead letter, a schedule or a body that is shared can be seen: in all views and tables, also new ones. */
    @Test
    void whoWatchesWithoutBodiesFindsNothingThatASenderHasWritten() {
        String message =
                " (id, channel_name, payload_text, payload_bytes, properties, correlation_id, jms_type, reply_to,"
                        + " last_error, grp, dead_origin, dead_reason, dead_at, attempt_at, set_aside) SELECT gen_random_uuid(), '"
                        + queue
                        + "', 'secret', 'secret', '{\"secret\": \"secret\"}', 'secret', 'secret', 'secret', 'secret', 'secret',"
                        + " 'dead', 'secret', now(), 'infinity', 'secret'";
        sql(
                "INSERT INTO mq_msgs" + message,
                "INSERT INTO mq_msgs_unlogged" + message,
                "INSERT INTO mq_payloads (id, payload_text) VALUES (gen_random_uuid(), 'secret')",
                "INSERT INTO mq_schedules (id, channel_name, topic, next_at, delay, period, repeats, senders, persistent,"
                        + " prio_rank, timestamped, time_to_live, delivery_mode, payload_text, properties, last_error)"
                        + " VALUES (gen_random_uuid(), 'q', false, 'infinity', 0, 1000, 1, '{}', true, 4, true, 0, 2, 'secret', '{\"secret\": 1}', 'secret')");
        role("grants_watch", "watch");
        role("grants_bodies", "watch bodies");
        assertThat(readableSecretsOf("grants_watch")).isEqualTo("none");
        assertThat(readableSecretsOf("grants_bodies"))
                .isEqualTo("mq_dead_letters mq_messages mq_messages_logged mq_rows mq_scheduled mq_set_aside");
    }

    /** Names of tables and views that show the word to that role. */
    private String readableSecretsOf(String role) {
        sql("DROP TABLE IF EXISTS found", "CREATE TABLE found (name text)", "GRANT INSERT ON found TO " + role);
        as(role, """
                DO $$
                DECLARE
                  r record;
                BEGIN
                  FOR r IN
                    SELECT c.relname, string_agg(quote_ident(a.attname), ', ') AS columns
                      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0
                       AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
                     GROUP BY c.relname
                  LOOP
                    EXECUTE format('INSERT INTO found SELECT %L WHERE EXISTS (SELECT FROM (SELECT %s FROM %I) s'
                                   ' WHERE s::text LIKE ''%%secret%%'')', r.relname, r.columns, r.relname);
                  END LOOP;
                END $$""");
        String names = value("SELECT coalesce(string_agg(name, ' ' ORDER BY name), 'none') FROM found");
        sql("DROP TABLE found");
        return names;
    }

    @Test
    void whatWasGivenCanBeTakenBack() {
        role("grants_gone", "all");
        sql("SELECT mq_revoke('grants_gone')", "DROP ROLE grants_gone");
    }

    private void refused(String role, String statement) {
        assertThatThrownBy(() -> as(role, statement))
                .hasRootCauseInstanceOf(java.sql.SQLException.class)
                .rootCause()
                .hasMessageContaining("permission denied");
    }
}
