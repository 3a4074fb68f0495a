package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A schema under another name than it was made with, beside one that has the old name now. */
class RenamedSchemaTest extends IntegrationTest {

    private SqlmqConnectionFactory on(String schema, String management) {
        SqlmqConnectionFactory factory = factory();
        factory.getOptions().setSchema(schema);
        factory.getOptions().setSchemaManagement(SchemaManagement.valueOf(management));
        return factory;
    }

    @ParameterizedTest
    @ValueSource(strings = {"moved", "It's \"moved\""})
    void itsMessagesAndThoseOfTheOldNameAreNotMixedUp(String renamed) throws Exception {
        String quoted = '"' + renamed.replace("\"", "\"\"") + '"';
        on("mail", "MIGRATE").createContext().close();
        sql("SELECT mail.mq_send('q', 'of the renamed')");
        sql("ALTER SCHEMA mail RENAME TO " + quoted);
        on("mail", "MIGRATE").createContext().close();
        sql("SELECT mail.mq_send('q', 'of the new')");

        for (String management : new String[] {"VALIDATE", "NONE"}) {
            JMSException refusal = catchThrowableOfType(
                    JMSException.class,
                    () -> on(renamed, management).createConnection().close());
            assertThat(refusal).as(management).hasMessageContaining("\"mail\"").hasMessageContaining("sqlmq migrate");
            assertThat(refusal.getErrorCode()).isEqualTo("RENAMED");
        }

        on(renamed, "MIGRATE").createContext().close();
        ConcurrentLinkedQueue<String> ofNew = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> ofRenamed = new ConcurrentLinkedQueue<>();
        try (JMSContext there = on("mail", "VALIDATE").createContext();
                JMSContext here = on(renamed, "VALIDATE").createContext();
                JMSContext sender = on(renamed, "NONE").createContext(JMSContext.SESSION_TRANSACTED)) {
            listen(there, ofNew);
            listen(here, ofRenamed);
            for (int i = 0; i < 10; i++) {
                sender.createProducer().send(sender.createQueue("q"), sender.createTextMessage("more of the renamed"));
            }
            sender.commit();
            sql("SELECT " + quoted + ".mq_send('q', 'last of the renamed')");
            sql("SELECT mail.mq_send('q', 'last of the new')");
            Awaitility.await().until(() -> ofNew.size() >= 2 && ofRenamed.size() >= 12);
        }
        assertThat(ofNew).containsExactly("of the new", "last of the new");
        assertThat(ofRenamed).hasSize(12).allMatch(text -> text.endsWith("of the renamed"));
        sql("DROP SCHEMA mail CASCADE");
        sql("DROP SCHEMA " + quoted + " CASCADE");
    }

    private static void listen(JMSContext context, ConcurrentLinkedQueue<String> texts) {
        JMSConsumer consumer = context.createConsumer(context.createQueue("q"));
        consumer.setMessageListener(message -> {
            try {
                texts.add(((TextMessage) message).getText());
            } catch (JMSException e) {
                texts.add(e.toString());
            }
        });
    }
}
