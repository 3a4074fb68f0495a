package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is done to single messages that wait: mq_cancel, mq_reschedule, mq_reprioritize. */
@Timeout(60)
class WaitingTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    private static final String[] CHANGES = {"mq_cancel('%s')", "mq_reschedule('%s', now())", "mq_reprioritize('%s', 9)"
    };

    @Test
    void whatSomebodyWorksOnIsLeftAloneAndSoItIsSaid() throws Exception {
        String leased =
                schema.insert("a", "attempt_at", "now() + interval '1 h'", "lease_owner", "7", "lease_token", "1");
        String unlogged = schema.insertUnlogged(
                "b", "attempt_at", "now() + interval '1 h'", "lease_owner", "7", "lease_token", "1");
        String locked = schema.insert("c");
        schema.open().values("id FROM mq_msgs WHERE id = '" + locked + "' FOR UPDATE");
        for (String id : new String[] {leased, unlogged, locked}) {
            String before = schema.outside().values("m FROM mq_msgs m").toString();
            for (String change : CHANGES) {
                assertThat(value(change.formatted(id))).isEqualTo("being worked on");
            }
            assertThat(schema.outside().values("m FROM mq_msgs m").toString()).isEqualTo(before);
        }
        for (String change : CHANGES) {
            assertThat(value(change.formatted(UUID.randomUUID()))).isEqualTo("not there");
        }
    }

    @Test
    void whatWaitsIsCancelledWhereverItIs() throws Exception {
        for (String id : new String[] {
            schema.insert("a"),
            schema.insertUnlogged("b"),
            schema.insert("c", "attempt_at", "now() + interval '1 h'"),
            schema.insert("d", "attempt_at", "'infinity'", "set_aside", "'too large'"),
            schema.insert("e", "attempt_at", "now() - interval '1 s'", "lease_owner", "7", "lease_token", "1")
        }) {
            assertThat(value("mq_cancel('" + id + "', 'elsewhere')")).isEqualTo("not there");
            assertThat(value("mq_cancel('" + id + "', " + Call.literal(schema.queue()) + ")"))
                    .isEqualTo("done");
            assertThat(value("mq_cancel('" + id + "')")).isEqualTo("not there");
        }
    }

    @Test
    void whatIsRescheduledIsDueThen() throws Exception {
        String ready = schema.insert("a");
        String late = schema.insertUnlogged("b", "attempt_at", "now() + interval '1 h'", "delivery_time", "1");
        assertThat(value("mq_reschedule('" + ready + "', now() + interval '2 h')"))
                .isEqualTo("done");
        assertThat(schema.outside()
                        .values(
                                "attempt_at > now() + interval '1 h' AND delivery_time > extract(epoch FROM now()) * 1000"
                                        + " FROM mq_msgs"))
                .containsExactly("t");
        assertThat(value("mq_reschedule('" + late + "', NULL)")).isEqualTo("done");
        assertThat(schema.outside()
                        .values("attempt_at BETWEEN now() - interval '1 min' AND now() AND delivery_time > 1"
                                + " FROM mq_msgs_unlogged"))
                .containsExactly("t");
        String failed = schema.insert("c", "attempt_at", "now() + interval '1 h'", "delivery_count", "1");
        assertThat(value("mq_reschedule('" + failed + "', '-infinity')")).isEqualTo("done");
        assertThat(schema.outside()
                        .values("attempt_at <= now() AND delivery_time IS NULL FROM mq_msgs WHERE id = '" + failed
                                + "'"))
                .containsExactly("t");
        String aside = schema.insert("d", "attempt_at", "'infinity'", "set_aside", "'too large'");
        assertThat(value("mq_reschedule('" + aside + "', now())")).isEqualTo("set aside");
        assertThatThrownBy(() -> value("mq_reschedule('" + ready + "', 'infinity')"))
                .hasMessageContaining("100 years");
    }

    @Test
    void orderedJobsHoldUpThoseBehindThemAndReservationsMoveAsAWhole() throws Exception {
        String ordered = job("NULL", "true");
        String behind = job("NULL", "true");
        assertThat(value("mq_reschedule('" + ordered + "', now() + interval '1 h')"))
                .isEqualTo("done");
        assertThat(polled()).isNull();
        assertThat(value("mq_why('" + behind + "')")).startsWith("behind " + ordered);
        assertThat(value("mq_reschedule('" + ordered + "', NULL)")).isEqualTo("done");
        assertThat(polled()).isEqualTo(ordered);
        String reserved = job("interval '10 min'", "false");
        assertThat(value("mq_reschedule('" + reserved + "', now() + interval '1 h')"))
                .isEqualTo("done");
        assertThat(schema.outside()
                        .values(
                                "attempt_at > now() + interval '69 min' AND expires_at = attempt_at FROM mq_msgs WHERE id = '"
                                        + reserved + "'"))
                .containsExactly("t");
    }

    @Test
    void whatIsReadyGoesBehindTheOthersOfItsNewPriority() throws Exception {
        String first = schema.insert("a");
        String urgent = schema.insert("b", "prio_rank", "0");
        assertThat(value("mq_reprioritize('" + first + "', 9)")).isEqualTo("done");
        assertThat(schema.outside().values("id FROM mq_msgs ORDER BY prio_rank, seq"))
                .containsExactly(urgent, first);
        String delayed = schema.insert("c", "attempt_at", "now() + interval '1 h'");
        String seq = schema.outside()
                .values("seq FROM mq_msgs WHERE id = '" + delayed + "'")
                .get(0);
        assertThat(value("mq_reprioritize('" + delayed + "', 0)")).isEqualTo("done");
        assertThat(schema.outside().values("seq || ' ' || prio_rank FROM mq_msgs WHERE id = '" + delayed + "'"))
                .containsExactly(seq + " 9");
        assertThatThrownBy(() -> value("mq_reprioritize('" + first + "', 10)")).hasMessageContaining("0 to 9");
    }

    private static String job(String commitInterval, String ordered) throws Exception {
        String id = UUID.randomUUID().toString();
        value("mq_insert(ARRAY[('" + id + "', NULL, 3, NULL, " + Call.literal(schema.queue()) + ", 'x', "
                + commitInterval + ", " + ordered + ", 'n', NULL, NULL)::mq_new_t])");
        return id;
    }

    private static String polled() throws Exception {
        return schema.outside()
                .values("id FROM mq_poll(ARRAY[" + Call.literal(schema.queue()) + "])")
                .get(0);
    }

    private static String value(String expression) throws Exception {
        return schema.outside().values(expression + " AS value").get(0);
    }
}
