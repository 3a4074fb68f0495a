package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Listeners of one session take turns: a queue that is full does not keep another waiting. */
class FairnessTest extends IntegrationTest {

    private static final int BACKLOG = 30_000;

    @Test
    void aFullQueueDelaysTheMessageOfAnotherByAClaim() throws Exception {
        sql("INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                + "', n::text FROM generate_series(1, " + BACKLOG + ") n");
        AtomicInteger done = new AtomicInteger();
        AtomicInteger doneBefore = new AtomicInteger(-1);
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        consumer(session, queue).setMessageListener(message -> done.incrementAndGet());
        consumer(session, queue + "-other").setMessageListener(message -> doneBefore.set(done.get()));
        await().atMost(Duration.ofSeconds(30)).until(() -> done.get() > 500);
        int sentAfter = done.get();
        send(factory(), queue + "-other", "one");
        await().atMost(Duration.ofSeconds(30)).until(() -> doneBefore.get() >= 0);
        // Claims of 200; to send takes a moment in which the queue goes on.
        assertThat(doneBefore.get() - sentAfter).isLessThan(BACKLOG / 3);
    }
}
