package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.integration.IntegrationTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Groups of messages (§3.5.9) with consumers in several processes, some of which are killed. */
@Tag("faults")
@Timeout(180)
class GroupsAcrossProcessesTest extends IntegrationTest {

    private static final int GROUPS = 30;
    private static final int EACH = 30;

    private ChildJvm worker(int seed) throws Exception {
        String policy = urlOn(url, "maximumRedeliveries=-1", "redeliveryDelay=5", "maximumRedeliveryDelay=40");
        return closeAfterwards(ChildJvm.start(GroupProgram.class, policy, queue, Integer.toString(seed), "10000"));
    }

    @Test
    void eachGroupIsWorkedOffInOrderAndOnceAlthoughProcessesAreKilled() throws Exception {
        factory.createConnection().close(); // creates the tables
        sql("CREATE TABLE worked (id bigserial PRIMARY KEY, grp text, number integer, redelivered boolean)");
        sql("SELECT mq_send('" + queue
                + "', n::text, jsonb_build_object('JMSXGroupID', 'g' || g)) FROM generate_series(1, " + EACH
                + ") n, generate_series(1, " + GROUPS + ") g ORDER BY n, g");
        List<ChildJvm> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            workers.add(worker(i));
        }
        for (int kill = 0; kill < 2; kill++) {
            workers.get(kill).awaitLine("working");
            long reached = number("SELECT count(*) FROM worked");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> number("SELECT count(*) FROM worked") > Math.min(reached + 50, GROUPS * EACH / 2));
            workers.get(kill).kill();
        }
        assertThat(number("SELECT count(*) FROM worked")).isLessThan(GROUPS * EACH);
        worker(7);
        await().atMost(Duration.ofSeconds(90)).until(() -> number("SELECT count(*) FROM worked") >= GROUPS * EACH);
        // Numbers are drawn when the row is written, while the group is in the hands of that transaction.
        assertThat(number(
                        "SELECT count(*) FROM (SELECT number, row_number() OVER (PARTITION BY grp ORDER BY id) AS place"
                                + " FROM worked) w WHERE w.number <> w.place"))
                .isZero();
        assertThat(number("SELECT count(*) FROM worked")).isEqualTo(GROUPS * EACH);
        assertThat(number("SELECT count(*) FROM worked WHERE redelivered"))
                .as("messages that were delivered before")
                .isPositive();
        await().until(() -> number("SELECT count(*) FROM mq_msgs WHERE channel_name = '" + queue + "'") == 0);
    }
}
