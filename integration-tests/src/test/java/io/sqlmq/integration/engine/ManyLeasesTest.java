package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a process works on for long is kept alive by one statement now and then, however much it is. */
class ManyLeasesTest extends IntegrationTest {

    private static final int MESSAGES = 10_000;

    @Test
    void tenThousandMessagesAreKeptAliveByLessThanAStatementASecond() throws Exception {
        sql(
                "INSERT INTO mq_msgs (id, channel_name, payload_text) SELECT gen_random_uuid(), '" + queue
                        + "', n::text FROM generate_series(1, " + MESSAGES + ") n",
                "ALTER DATABASE " + value("SELECT quote_ident(current_database())") + " SET track_functions = 'pl'");
        try (SqlmqConnectionFactory process = factory("leaseTime=6000")) {
            Session session = session(process, Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = consumer(session, queue);
            for (int i = 0; i < MESSAGES; i++) {
                receive(consumer);
            }
            String leased = "SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue
                    + "' AND lease_owner IS NOT NULL AND attempt_at > now()";
            await().atMost(Duration.ofSeconds(30)).until(() -> number(leased) == MESSAGES);
            long before = renewals();
            long began = System.nanoTime();
            await().atMost(Duration.ofSeconds(60)).until(() -> renewals() >= before + 3);
            long seconds = (System.nanoTime() - began) / 1_000_000_000;
            assertThat(renewals() - before).isLessThanOrEqualTo(Math.max(seconds, 4));
            assertThat(number(leased)).isEqualTo(MESSAGES);
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> number("SELECT count(*) FROM mq_msgs WHERE lease_owner IS NOT NULL AND attempt_at > now()")
                        == 0);
    }

    private long renewals() {
        return number("SELECT coalesce(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = 'mq_renew'");
    }
}
