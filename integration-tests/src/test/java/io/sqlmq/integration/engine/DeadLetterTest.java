package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqTransactions;
import jakarta.jms.BytesMessage;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dead letters and what an operator does with them and with other messages. */
class DeadLetterTest extends IntegrationTest {

    private SqlmqConnectionFactory strict() {
        return factory("maximumRedeliveries=0", "deadLetterQueue=" + dead());
    }

    private String dead() {
        return queue + "-dead";
    }

    private void fail(SqlmqConnectionFactory from, int messages) throws Exception {
        try (Session session = session(from, Session.SESSION_TRANSACTED)) {
            MessageConsumer consumer = consumer(session, queue);
            for (int i = 0; i < messages; i++) {
                SqlmqTransactions.noteFailure(receive(consumer), new IllegalStateException("out of stock"));
            }
            session.rollback();
        }
    }

    @Test
    void aDeadLetterKeepsItsBodyPropertiesAndHeaders() throws Exception {
        SqlmqConnectionFactory strict = strict();
        Session sender = session(strict, Session.AUTO_ACKNOWLEDGE);
        BytesMessage bytes = sender.createBytesMessage();
        bytes.writeBytes(new byte[] {1, 2, 3});
        bytes.setJMSCorrelationID("order 7");
        bytes.setJMSType("order");
        bytes.setJMSReplyTo(sender.createQueue("replies"));
        bytes.setLongProperty("amount", 12L);
        bytes.setByteProperty("flag", (byte) 1);
        MessageProducer producer = sender.createProducer(sender.createQueue(queue));
        producer.setPriority(7);
        producer.send(bytes);
        MapMessage map = sender.createMapMessage();
        map.setDouble("price", 2.5);
        producer.send(map);
        fail(strict, 2);

        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), dead());
        BytesMessage dead = (BytesMessage) receive(consumer);
        assertThat(dead.getBody(byte[].class)).containsExactly(1, 2, 3);
        assertThat(dead.getJMSMessageID()).isEqualTo(bytes.getJMSMessageID());
        assertThat(dead.getJMSCorrelationID()).isEqualTo("order 7");
        assertThat(dead.getJMSType()).isEqualTo("order");
        assertThat(dead.getJMSReplyTo()).hasToString("queue://replies");
        assertThat(dead.getJMSPriority()).isEqualTo(7);
        assertThat(dead.getObjectProperty("amount")).isEqualTo(12L);
        assertThat(dead.getObjectProperty("flag")).isEqualTo((byte) 1);
        assertThat(((MapMessage) receive(consumer)).getDouble("price")).isEqualTo(2.5);
    }

    @Test
    void aDeadLetterTellsWhereItCameFromAndWhy() throws Exception {
        SqlmqConnectionFactory strict = strict();
        send("one");
        fail(strict, 1);
        assertThat(value("SELECT concat_ws('|', body, origin, reason, attempts, error) FROM mq_dead_letters"
                        + " WHERE queue = '" + dead() + "'"))
                .isEqualTo("one|" + queue + "|delivery failed 1 times|1|java.lang.IllegalStateException: out of stock");
    }

    @Test
    void retryPutsDeadLettersBackToTheirOrigin() throws Exception {
        SqlmqConnectionFactory strict = strict();
        send("one", "two");
        fail(strict, 2);
        SqlmqAdmin admin = factory.admin();
        List<Message> dead = admin.browse(dead(), 10);
        assertThat(dead).hasSize(2);
        assertThat(admin.retry(dead(), dead.get(1).getJMSMessageID())).isEqualTo(1);
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session, queue);
        Message again = receive(consumer);
        assertThat(text(again)).isEqualTo("two");
        assertThat(again.getJMSRedelivered()).isFalse();
        assertThat(admin.retry(dead())).isEqualTo(1);
        assertThat(text(receive(consumer))).isEqualTo("one");
        assertThat(admin.count(dead())).isZero();
        assertThat(admin.retry(dead())).isZero();
    }

    @Test
    void eachQueueMayHaveADeadLetterQueueOfItsOwn() throws Exception {
        SqlmqConnectionFactory prefixed = factory("maximumRedeliveries=0", "deadLetterQueuePrefix=dead/");
        send("one");
        fail(prefixed, 1);
        assertThat(drain(factory, "dead/" + queue)).containsExactly("one");
    }

    @Test
    void aDeadLetterThatFailsAgainStays() throws Exception {
        SqlmqConnectionFactory strict = strict();
        send("one");
        fail(strict, 1);
        for (int i = 0; i < 3; i++) {
            try (Session session = session(
                    factory("maximumRedeliveries=0", "redeliveryDelay=0", "deadLetterQueue=" + dead()),
                    Session.SESSION_TRANSACTED)) {
                receive(consumer(session, dead()));
                session.rollback();
            }
        }
        assertThat(drain(factory, dead())).containsExactly("one");
    }

    private void sendExpiring(SqlmqConnectionFactory from, String text, long millis) throws Exception {
        Session sender = session(from, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = sender.createProducer(sender.createQueue(queue));
        producer.setTimeToLive(millis);
        producer.send(sender.createTextMessage(text));
    }

    @Test
    void expiredMessagesAreDroppedWhenSomebodyLooks() throws Exception {
        sendExpiring(factory, "late", 1);
        send("in time");
        await().until(() ->
                number("SELECT count(*) FROM mq_msgs WHERE expires_at > now() AND channel_name = '" + queue + "'")
                        == 0);
        assertThat(drain(factory, queue)).containsExactly("in time");
        assertThat(factory.admin().count(queue)).isZero();
    }

    /** A database that no other factory uses: each sweeps what has expired by its own options, every 2 s. */
    private static String databaseOfItsOwn(String url, String name) {
        sqlOn(url, newDatabase(name));
        return urlOn(url.replaceFirst("(//[^/]+/)[^?]*", "$1" + name), "schemaManagement=migrate");
    }

    @Test
    void expiredMessagesAreDeadLetteredIfTheOptionSaysSo() throws Exception {
        String own = databaseOfItsOwn(url, "expired");
        SqlmqConnectionFactory keeping = factoryOn(own, "deadLetterExpired=true", "deadLetterQueue=" + dead());
        sendExpiring(keeping, "late", 1);
        send(keeping, queue, "in time");
        await().until(() -> valueOn(own, "SELECT count(*) FROM mq_msgs WHERE expires_at > now()")
                .equals("0"));
        assertThat(drain(keeping, queue)).containsExactly("in time");
        assertThat(valueOn(
                        own,
                        "SELECT concat_ws('|', body, origin, reason) FROM mq_dead_letters WHERE queue = '" + dead()
                                + "'"))
                .isEqualTo("late|" + queue + "|expired");
        assertThat(drain(keeping, dead())).containsExactly("late");
    }

    /** Nobody consumes the queue; any consumer of a process keeps the sweep going. */
    @Test
    void expiredMessagesOfQueuesThatNobodyReadsAreSweptWithinSeconds() throws Exception {
        SqlmqConnectionFactory keeping =
                factoryOn(databaseOfItsOwn(url, "swept"), "deadLetterExpired=true", "deadLetterQueuePrefix=swept/");
        sendExpiring(keeping, "late", 1);
        consumer(session(keeping, Session.AUTO_ACKNOWLEDGE), queue + "-other").setMessageListener(message -> {});
        await().atMost(Duration.ofSeconds(15)).until(() -> keeping.admin().count(queue) == 0);
        assertThat(drain(keeping, "swept/" + queue)).containsExactly("late");
    }

    @Test
    void anOperatorLooksMovesCopiesAndPurges() throws Exception {
        SqlmqAdmin admin = factory.admin();
        send("one", "two", "three");
        assertThat(admin.count(queue)).isEqualTo(3);
        assertThat(admin.browse(queue, 2)).hasSize(2);
        assertThat(text(admin.browse(queue, 2).get(0))).isEqualTo("one");

        assertThat(admin.copy(queue, queue + "-copy")).isEqualTo(3);
        assertThat(drain(factory, queue + "-copy")).containsExactly("one", "two", "three");

        String second = admin.browse(queue, 2).get(1).getJMSMessageID();
        assertThat(admin.remove(queue, second)).isTrue();
        assertThat(admin.remove(queue, second)).isFalse();

        MessageConsumer consumer = consumer(session(Session.AUTO_ACKNOWLEDGE), queue + "-moved");
        assertThat(admin.move(queue, queue + "-moved")).isEqualTo(2);
        assertThat(text(receive(consumer))).isEqualTo("one");
        assertThat(text(receive(consumer))).isEqualTo("three");
        assertThat(admin.count(queue)).isZero();

        send("four", "five");
        Session holder = session(Session.SESSION_TRANSACTED);
        receive(consumer(holder, queue));
        assertThat(admin.purge(queue)).as("all but what a consumer holds").isEqualTo(1);
        holder.rollback();
        assertThat(admin.purge(queue)).isEqualTo(1);
    }
}
