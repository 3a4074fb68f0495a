package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What operators are told: mq_why, mq_channels, mq_leases. */
@Timeout(60)
class WhyTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    @Test
    void aMessageThatIsGoneHasNoReason() throws Exception {
        assertThat(why(UUID.randomUUID().toString())).isNull();
    }

    @Test
    void whatIsReadyWaitsForAConsumer() throws Exception {
        String id = schema.insert("a");
        assertThat(why(id)).isEqualTo("ready; no consumer waits on '" + schema.queue() + "'");
        schema.outside().execute("INSERT INTO mq_waiters VALUES (" + Call.literal(schema.queue()) + ", 7)");
        assertThat(why(id)).contains("none of their selectors takes it");
        schema.outside().execute("DELETE FROM mq_waiters");
        assertThat(why(schema.insertUnlogged("b"))).startsWith("ready");
    }

    @Test
    void whatNoSelectorTakesSaysSo() throws Exception {
        String id = schema.insert("a", "sent_at", "(extract(epoch FROM now()) * 1000)::bigint");
        String ago = schema.insert("b", "sent_at", "(extract(epoch FROM now()) * 1000)::bigint - 60000");
        String due = schema.insert(
                "c",
                "sent_at",
                "(extract(epoch FROM now()) * 1000)::bigint - 60000",
                "attempt_at",
                "now() - interval '1 s'",
                "delivery_time",
                "1");
        waiter(7, Call.literal("color = 'red'"));
        assertThat(why(id))
                .isEqualTo("ready; consumers wait on '" + schema.queue()
                        + "' with selectors only, and it is on its way, or none of them takes it: color = 'red'");
        assertThat(why(due)).isEqualTo(why(id));
        waiter(8, "'size > 3; size < 0'");
        assertThat(why(ago))
                .isEqualTo("ready; no consumer with a matching selector waits on '" + schema.queue()
                        + "', only with color = 'red'; size > 3; size < 0");
        waiter(9, "NULL"); // a process that does not tell
        assertThat(why(ago)).endsWith("and it is on its way, or none of their selectors takes it");
        waiter(10, "''");
        assertThat(why(ago)).isEqualTo("ready; consumers wait on '" + schema.queue() + "', and it is on its way");
        schema.outside().execute("DELETE FROM mq_waiters");
    }

    private static void waiter(int owner, String selectors) throws Exception {
        schema.outside()
                .execute("INSERT INTO mq_waiters VALUES (" + Call.literal(schema.queue()) + ", " + owner + ", "
                        + selectors + ")");
    }

    @Test
    void whatNobodyPolledSaysSo() throws Exception {
        String id = schema.insert("a", "name", "'job'");
        assertThat(why(id)).endsWith(", and nobody has polled it");
    }

    @Test
    void whatIsPausedSaysByWhomAndWhy() throws Exception {
        String id = schema.insert("a");
        schema.outside().values("mq_pause(" + Call.literal(schema.queue()) + ", 'the printer is broken')");
        assertThat(why(id)).startsWith("the queue is paused since ").endsWith(": the printer is broken");
        schema.outside().values("mq_resume(" + Call.literal(schema.queue()) + ")");
    }

    @Test
    void whatWaitsSaysForWhat() throws Exception {
        assertThat(why(schema.insert("a", "attempt_at", "now() + interval '1 h'")))
                .startsWith("delayed until ");
        assertThat(why(schema.insert(
                        "b",
                        "attempt_at",
                        "now() + interval '1 h'",
                        "delivery_count",
                        "2",
                        "failure_count",
                        "2",
                        "last_error",
                        "'it broke'")))
                .startsWith("backing off until ")
                .endsWith("after 2 failed deliveries: it broke");
        assertThat(why(schema.insert("c", "expires_at", "now()"))).startsWith("expired at ");
        assertThat(why(schema.insert("d", "attempt_at", "'infinity'", "set_aside", "'too large'")))
                .isEqualTo("set aside: too large");
        assertThat(why(schema.insert("e", "attempt_at", "now() + interval '1 h'", "commit_interval", "interval '1 h'")))
                .endsWith("and not committed yet");
        assertThat(why(schema.insert("g", "attempt_at", "now() - interval '1 s'", "commit_interval", "interval '1 h'")))
                .endsWith("and not committed: about to be deleted");
        assertThat(why(schema.insert("f", "dead_origin", "'orders'", "dead_reason", "'delivery failed 7 times'")))
                .startsWith("dead letter of 'orders' (delivery failed 7 times), in ");
    }

    @Test
    void whoWatchesQueuesCountsNoFurtherThanNeeded() throws Exception {
        String now = "(extract(epoch FROM now()) * 1000)::bigint";
        schema.insert("a", "sent_at", now + " - 20000");
        schema.insert("b", "attempt_at", "now() + interval '1 h'", "sent_at", now + " - 90000");
        schema.insertUnlogged("c", "sent_at", now + " - 40000");
        assertThat(schema.outside()
                        .values(
                                "messages || ' ' || round(oldest_age::numeric, -1) FROM mq_queue_sizes(10, 100) WHERE queue = "
                                        + Call.literal(schema.queue())))
                .containsExactly("3 40");
        assertThat(schema.outside()
                        .values("messages FROM mq_queue_sizes(10, 2) WHERE queue = " + Call.literal(schema.queue())))
                .containsExactly("2");
        assertThat(schema.outside().values("queue FROM mq_queue_sizes(0, 2)")).isEmpty();
    }

    @Test
    void whatIsHeldSaysByWhom() throws Exception {
        schema.outside().execute("INSERT INTO mq_owners VALUES (7, 'host 1', false, now() + interval '1 min')");
        String leased =
                schema.insert("a", "attempt_at", "now() + interval '1 h'", "lease_owner", "7", "lease_token", "1");
        assertThat(why(leased)).startsWith("leased by host 1 until ");
        String polled =
                schema.insert("b", "attempt_at", "now() + interval '1 h'", "lease_owner", "-1", "lease_token", "-4711");
        assertThat(why(polled)).startsWith("leased by mq_poll in the session 4711");
        assertThat(schema.outside().values("holder FROM mq_leases ORDER BY owner"))
                .containsExactly("host 1", "mq_poll in the session 4711");
        String dead =
                schema.insert("d", "attempt_at", "now() + interval '1 h'", "lease_owner", "8", "lease_token", "1");
        assertThat(why(dead)).startsWith("leased by a process that is gone until ");
        schema.outside().execute("DELETE FROM mq_msgs WHERE id = '" + dead + "'");
        String locked = schema.insert("c");
        schema.open().values("id FROM mq_msgs WHERE id = '" + locked + "' FOR UPDATE");
        assertThat(why(locked)).startsWith("locked by a transaction of the session ");
    }

    /** A statement sees what was when it began, and by the time that it comes to the question this may have changed. */
    @Test
    void whatIsLeasedInTheMeantimeIsNotReady() throws Exception {
        String id = schema.insert("a");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (QueueSession window = schema.open();
                QueueSession gate = schema.open();
                QueueSession asks = schema.open()) {
            window.values("id FROM mq_msgs WHERE id = '" + id + "' FOR UPDATE");
            gate.values("pg_advisory_xact_lock(4711)");
            Future<List<String>> why = thread.submit(() ->
                    asks.values("mq_why('" + id + "') FROM (SELECT pg_advisory_xact_lock(4711) OFFSET 0) AS g (passed)"
                            + " WHERE passed IS NOT NULL"));
            while (schema.outside()
                    .values("true FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted")
                    .isEmpty()) {
                Thread.onSpinWait();
            }
            window.execute("UPDATE mq_msgs SET attempt_at = now() + interval '1 h', lease_owner = 7, lease_token = 1"
                    + " WHERE id = '" + id + "'");
            window.commit();
            gate.rollback();
            assertThat(why.get().get(0)).startsWith("leased by ");
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void whatIsBehindItsGroupSaysWhatIsBeforeIt() throws Exception {
        String first = schema.insertGrouped("g", "a", "attempt_at", "now() + interval '1 h'", "delivery_count", "1");
        assertThat(why(schema.insertGrouped("g", "b")))
                .startsWith("behind " + first + " of its group 'g', which is backing off until ");
        assertThat(why(schema.insertGrouped("h", "c"))).startsWith("ready");
    }

    @Test
    void channelsAreCounted() throws Exception {
        schema.insert("a", "sent_at", "(extract(epoch FROM now()) * 1000)::bigint - 60000");
        schema.insert("b", "attempt_at", "now() + interval '1 h'");
        schema.insert("c", "attempt_at", "now() + interval '1 h'", "lease_owner", "-1", "lease_token", "-1");
        schema.insertUnlogged("d", "attempt_at", "now() + interval '1 h'", "delivery_count", "1");
        schema.insert("e", "channel_name", "'DLQ'", "dead_origin", Call.literal(schema.queue()));
        schema.open().values("id FROM mq_msgs WHERE payload_text = 'a' FOR UPDATE");
        assertThat(schema.outside()
                        .rows("SELECT * FROM mq_channels WHERE channel = " + Call.literal(schema.queue()))
                        .get(0))
                .containsEntry("depth", "4")
                .containsEntry("ready", "0")
                .containsEntry("in_flight", "2")
                .containsEntry("delayed", "1")
                .containsEntry("backing_off", "1")
                .containsEntry("set_aside", "0")
                .containsEntry("dead", "1")
                .hasEntrySatisfying("oldest_age", age -> assertThat(age).startsWith("00:01:0"));
    }

    private static String why(String id) throws Exception {
        return schema.outside().values("mq_why('" + id + "')").get(0);
    }
}
