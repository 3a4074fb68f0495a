package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.window.Window;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.access.EngineAccess;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A claim of ready rows has the policy of a job made here, the others have the database make it: it is the same. */
class JobPolicyTest extends IntegrationTest {

    private static final String[] DELIVERIES = {"-2147483648", "0", "1", "6", "1000000000", "2147483647"};

    private static final String[] BACKOFFS = {
        "NULL",
        "'0'",
        "'-1 s'",
        "'1 ms'",
        "'1.5 s'",
        "'149 s 999 ms'",
        "'150 s'",
        "'5 min'",
        "'1 month 3 days 04:05:06.789'",
        "'100 years'",
        "'170000 years'"
    };

    @Test
    void aJobHasTheSamePolicyHoweverItIsClaimed() throws Exception {
        Map<String, String> expected = new LinkedHashMap<>();
        for (int round = 0; round < 2; round++) { // the first claims look everywhere
            for (String deliveries : DELIVERIES) {
                for (String backoff : BACKOFFS) {
                    String id = value("INSERT INTO mq_msgs (id, channel_name, name, max_deliveries, retry_backoff)"
                            + " VALUES (gen_random_uuid(), '" + queue + "', 'job', " + deliveries + ", " + backoff
                            + ") RETURNING id");
                    expected.put(
                            id,
                            value("SELECT mq_job_policy(max_deliveries, retry_backoff) FROM mq_msgs WHERE id = '" + id
                                    + "'"));
                }
            }
        }
        EngineAccess access = factory.engineAccess();
        Engine engine = access.engine();
        Map<String, String> seen = new LinkedHashMap<>();
        try (Window window = engine.window(Window.Mode.TRANSACTED);
                ChannelConsumer consumer = engine.consumer(queue, null, access.failureRules(queue))) {
            for (Delivery next = window.next(consumer); next != null; next = window.next(consumer)) {
                seen.put(next.row().id().toString(), next.row().headers().redeliveryPolicy());
            }
        }
        assertThat(seen).isEqualTo(expected);
    }
}
