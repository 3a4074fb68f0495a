package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import jakarta.jms.Destination;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that goes through many destinations, as those of requests do, remembers none of them. */
class NamesInMemoryTest extends IntegrationTest {

    private static final int NAMES = 150;

    /** More than are kept of channels that nobody consumes from any more, and far more than of selectors. */
    private static final int KEPT = 1_050;

    private static final int FEW = 150;

    /** What is found out about names is kept for 10,000 of them; a channel that is kept has rank ranges if a look at it was slow. */
    private static final Set<String> REMEMBERED = Set.of(
            "io.sqlmq.engine.channel.ClaimCursor$RankRange",
            "io.sqlmq.jms.internal.settings.PolicyRules",
            "io.sqlmq.jms.RedeliveryPolicy",
            "io.sqlmq.jms.OptionValues");

    private interface Name {
        void use(int i) throws Exception;
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void temporaryQueues(int mode) throws Exception {
        Session session = session(mode);
        Session requests = session(Session.AUTO_ACKNOWLEDGE);
        assertNothingStays(FEW, i -> {
            TemporaryQueue reply = session.createTemporaryQueue();
            exchange(requests, session, reply, i);
            reply.delete();
        });
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(number("SELECT count(*) FROM mq_msgs")).isZero());
    }

    @Test
    void dynamicQueuesAndTopics() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        assertNothingStays(KEPT, i -> {
            String name = queue + "-" + i;
            Destination destination = i % 5 == 0 ? session.createTopic(name) : session.createQueue(name);
            if (i < KEPT - FEW) {
                // A channel is kept for this alone, and a message takes longer.
                session.createConsumer(destination).close();
            } else {
                exchange(session, session, destination, i);
            }
        });
        assertThat(number("SELECT (SELECT count(*) FROM mq_topics) + (SELECT count(*) FROM mq_subscriptions)"))
                .isZero();
    }

    @Test
    void selectors() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        assertNothingStays(FEW, i -> {
            try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue), "n = " + i)) {
                consumer.receiveNoWait();
            }
        });
    }

    private static void exchange(Session sending, Session receiving, Destination destination, int i) throws Exception {
        try (MessageConsumer consumer = receiving.createConsumer(destination)) {
            sending.createProducer(destination).send(sending.createTextMessage("message " + i));
            receive(consumer).acknowledge();
            if (receiving.getTransacted()) {
                receiving.commit();
            }
        }
    }

    private void assertNothingStays(int first, Name name) throws Exception {
        for (int i = 0; i < first; i++) {
            name.use(i);
        }
        Map<String, Integer> before = instances();
        for (int i = 0; i < NAMES; i++) {
            name.use(first + i);
        }
        // Again and again: a thread may just be at work on something about many names, and be done with it in a moment.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Map<String, Integer> more = instances();
            before.forEach((type, count) -> more.merge(type, -count, Integer::sum));
            more.keySet().removeAll(REMEMBERED);
            more.values().removeIf(count -> count < NAMES / 2);
            assertThat(more)
                    .as("objects that came with %s names and stayed", NAMES)
                    .isEmpty();
        });
    }

    /** How many objects there are of each of our classes. */
    private static Map<String, Integer> instances() throws Exception {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Integer> instances = new HashMap<>();
        for (String line : histogram.split("\n", -1)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns.length > 3
                    && columns[3].startsWith("io.sqlmq.")
                    && !columns[3].startsWith("io.sqlmq.integration.")) {
                instances.put(columns[3], Integer.valueOf(columns[1]));
            }
        }
        return instances;
    }
}
