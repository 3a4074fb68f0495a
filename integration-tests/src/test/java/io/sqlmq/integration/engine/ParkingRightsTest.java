package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A role that may only receive makes dead letters of what it cannot work with. */
@SqlmqTest(options = {"maximumRedeliveries=0", "deadLetterQueue=dead", "deadLetterExpired=true"})
class ParkingRightsTest extends IntegrationTest {

    private static final String ROLE = "parking_receiver";

    /** Without the right to insert anything else, also of the messages that nobody has changed before, the expired ones. */
    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void aReceiverParksWhatItCannotWorkWith(int mode) throws Exception {
        sql(
                "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                role(ROLE),
                "SELECT mq_grant('" + ROLE + "', 'receive')");
        String insert = "INSERT INTO " + (mode == DeliveryMode.PERSISTENT ? "mq_msgs" : "mq_msgs_unlogged")
                + " (id, channel_name, payload_text, expires_at) VALUES (gen_random_uuid(), '" + queue + "', ";
        sql(insert + "'late', now() - interval '1 second')", insert + "'poison', NULL)");
        Connection connection = closeAfterwards(factory.createConnection(ROLE, "any"));
        connection.start();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        assertThat(text(receive(consumer))).isEqualTo("poison");
        session.rollback();
        assertThat(consumer.receive(500)).isNull();
        assertThat(drain(factory, "dead")).containsExactlyInAnyOrder("late", "poison");
        assertThat(number("SELECT count(*) FROM mq_set_aside")).isZero();
        send("of another");
        sql("SET SESSION AUTHORIZATION " + ROLE + "; SELECT mq_dead_letter(id, channel_name, false, 'x', 'y', NULL, 1)"
                + " FROM mq_msgs");
        assertThat(drain(factory, queue)).containsExactly("of another");
    }
}
