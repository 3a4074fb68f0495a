package io.sqlmq.integration.extras;

import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What {@code mq_why} knows of consumers and their selectors. */
class WhyTest extends IntegrationTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void selectorsThatTakeNothingAreNamed() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer red = session.createConsumer(session.createQueue(queue), "color = 'red'");
        red.setMessageListener(message -> {});
        send("a green one");
        await().atMost(LONG).until(this::why, why -> why.endsWith("or none of them takes it: color = 'red'"));
        Session other = session(factory(), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer blue = other.createConsumer(other.createQueue(queue), "color = 'blue'");
        blue.setMessageListener(message -> {});
        sql("UPDATE mq_msgs SET sent_at = sent_at - 60000 WHERE channel_name = '" + queue + "'");
        await().atMost(LONG)
                .until(
                        this::why,
                        why -> why.equals("ready; no consumer with a matching selector waits on '" + queue
                                + "', only with color = 'blue'; color = 'red'"));
        // Told within seconds of consumers that come later.
        other.createConsumer(other.createQueue(queue), "color = 'black'").setMessageListener(message -> {});
        await().atMost(LONG).until(this::why, why -> why.contains("only with color = 'black'; color = 'blue'; "));
    }

    private String why() {
        return value("SELECT mq_why(id) FROM mq_msgs WHERE channel_name = '" + queue + "'");
    }
}
