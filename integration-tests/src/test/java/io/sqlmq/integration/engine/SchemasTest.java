package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A schema of its own for everybody who must not see the others, whatever it is called. */
class SchemasTest extends IntegrationTest {

    private SqlmqConnectionFactory in(String schema) {
        SqlmqConnectionFactory made =
                factory("schemaManagement=migrate", "maximumRedeliveries=0", "deadLetterQueue=dead");
        made.getOptions().setSchema(schema);
        return made;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a$$b",
                "x$body$y",
                "x$bodyx$y$body$",
                "${schema}",
                "${tag}",
                "per%cent %1$s",
                "@row",
                "quo\"ted's",
                "back\\slash",
                "-- /*"
            })
    void everythingWorksUnderAnyName(String schema) throws Exception {
        SqlmqConnectionFactory factory = in(schema);
        String quoted = '"' + schema.replace("\"", "\"\"") + '"';
        Session session = session(factory, Session.SESSION_TRANSACTED);
        sql("SELECT " + quoted + ".mq_send('" + queue + "', 'poison', '{\"JMSXGroupID\": \"g\", \"x\": 1}')");
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue), "x = 1");
        receive(consumer);
        session.rollback();
        assertThat(consumer.receive(NOTHING)).isNull();
        assertThat(factory.admin().retry("dead")).isEqualTo(1);
        assertThat(text(receive(consumer))).isEqualTo("poison");
        session.commit();
        MessageConsumer subscriber = session.createConsumer(session.createTopic("t"));
        Message later = session.createTextMessage("later");
        later.setLongProperty("AMQ_SCHEDULED_DELAY", 1);
        session.createProducer(session.createTopic("t")).send(later);
        session.commit();
        assertThat(text(receive(subscriber))).isEqualTo("later");
        session.commit();
        sql("CREATE ROLE any_name", "SELECT " + quoted + ".mq_grant('any_name', 'administer')");
        sql("SELECT " + quoted + ".mq_revoke('any_name')", "DROP ROLE any_name");
    }

    @Test
    void aTenantSeesForgesAndStallsNothingOfAnother() throws Exception {
        SqlmqConnectionFactory a = in("tenant_a");
        SqlmqConnectionFactory b = in("tenant_b");
        for (String tenant : List.of("tenant_a", "tenant_b")) {
            (tenant.equals("tenant_a") ? a : b).createConnection().close();
            sql(role(tenant), "SELECT " + tenant + ".mq_grant('" + tenant + "', 'administer')");
        }
        Session sessionOfB = as(b, "tenant_b");
        sendIn(sessionOfB, queue, "secret");
        List<String> relations =
                List.of(value("SELECT string_agg(relname, ' ') FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
                                + " AND relnamespace = 'tenant_b'::regnamespace")
                        .split(" "));
        assertThat(relations).contains("mq_msgs", "mq_messages", "mq_seq");
        for (String relation : relations) {
            refused("SELECT * FROM tenant_b." + relation);
        }
        refused("INSERT INTO tenant_b.mq_msgs (id, channel_name) VALUES (gen_random_uuid(), '" + queue + "')");
        refused("INSERT INTO tenant_b.mq_schedules (id, channel_name) VALUES (gen_random_uuid(), '" + queue + "')");
        refused("SELECT tenant_b.mq_send('" + queue + "', 'forged')");
        refused("SELECT tenant_b.mq_dead_letter(gen_random_uuid(), 'x', false, 'y', 'z', NULL, 1)");
        refused("BEGIN; LOCK TABLE tenant_b.mq_msgs");

        // What A does to its own: the same names, a message that waits for its transaction, one that is poison.
        Session sessionOfA = as(a, "tenant_a");
        sendIn(sessionOfA, queue, "of a");
        Session open = as(a, "tenant_a", Session.SESSION_TRANSACTED);
        receive(consumer(open, queue));
        assertThat(text(receive(consumer(sessionOfB, queue)))).isEqualTo("secret");
        sendIn(sessionOfB, queue, "another");
        assertThat(text(receive(consumer(sessionOfB, queue)))).isEqualTo("another");
        open.rollback();
        assertThat(number("SELECT count(*) FROM tenant_a.mq_dead_letters")).isEqualTo(1);
        assertThat(number("SELECT count(*) FROM tenant_b.mq_msgs")).isZero();
    }

    private Session as(SqlmqConnectionFactory from, String role) throws Exception {
        return as(from, role, Session.AUTO_ACKNOWLEDGE);
    }

    private Session as(SqlmqConnectionFactory from, String role, int mode) throws Exception {
        Connection connection = closeAfterwards(from.createConnection(role, "any"));
        connection.start();
        return connection.createSession(mode);
    }

    private void refused(String statement) {
        assertThatThrownBy(() -> sql("SET SESSION AUTHORIZATION tenant_a", statement))
                .as(statement)
                .rootCause()
                .hasMessageContaining("permission denied for schema tenant_b");
    }
}
