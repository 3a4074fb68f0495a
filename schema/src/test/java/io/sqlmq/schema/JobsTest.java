package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The functions of sqlxmq: what each one promises, as a program sees it that knows nothing else of this schema. */
@Timeout(60)
class JobsTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    private QueueSession client;

    @BeforeEach
    void connect() {
        client = schema.outside();
    }

    @Test
    void aJobComesAsItWasInserted() throws Exception {
        String id = insert(job("hello").with("payload_json", "'{\"a\": 1}'", "payload_bytes", "'\\x0102'"));
        Map<String, String> polled = poll(10).get(0);
        assertThat(polled)
                .containsEntry("id", id)
                .containsEntry("is_committed", "t")
                .containsEntry("name", "hello")
                .containsEntry("payload_json", "{\"a\": 1}")
                .containsEntry("payload_bytes", "\\x0102")
                .containsEntry("retry_backoff", "00:00:01")
                .containsEntry("wait_time", "00:00:00");
        assertThat(polled.keySet())
                .containsExactly(
                        "id", "is_committed", "name", "payload_json", "payload_bytes", "retry_backoff", "wait_time");
    }

    @Test
    void whatIsPolledIsLeasedUntilItIsDeleted() throws Exception {
        String id = insert(job("a"));
        assertThat(names(poll(10))).containsExactly("a");
        assertThat(names(poll(10))).isEmpty();
        assertThat(client.values("state FROM mq_messages")).containsExactly("leased");
        delete(id);
        assertThat(client.values("count(*) FROM mq_msgs")).containsExactly("0");
    }

    @Test
    void anEmptyPollSaysWhenTheNextJobIsDue() throws Exception {
        assertThat(poll(1)).hasSize(1).first().satisfies(row -> {
            assertThat(row.get("id")).isNull();
            assertThat(row.get("wait_time")).isNull();
        });
        insert(job("later").with("delay", "interval '1 hour'"));
        assertThat(poll(1).get(0).get("wait_time")).startsWith("00:59:59");
    }

    @Test
    void aJobComesAgainWithDoubledBackoffAndThenIsADeadLetter() throws Exception {
        insert(job("a").with("retries", "2", "retry_backoff", "interval '50 ms'"));
        List<String> backoffs = new ArrayList<>();
        while (client.values("count(*) FROM mq_dead_letters").equals(List.of("0"))) {
            backoffs.addAll(poll(1).stream()
                    .filter(row -> row.get("id") != null)
                    .map(row -> row.get("retry_backoff"))
                    .toList());
            end();
        }
        assertThat(backoffs).containsExactly("00:00:00.05", "00:00:00.1", "00:00:00.2");
        assertThat(client.rows("SELECT queue, origin, reason, attempts FROM mq_dead_letters")
                        .get(0))
                .containsEntry("queue", "DLQ")
                .containsEntry("origin", schema.queue())
                .containsEntry("reason", "delivery failed 3 times")
                .containsEntry("attempts", "3");
        assertThat(names(poll("NULL", 10))).as("dead letters are no jobs").isEmpty();
    }

    @Test
    void backoffIsBounded() throws Exception {
        insert(job("a").with("retries", "100", "retry_backoff", "interval '1 s'"));
        client.execute("UPDATE mq_msgs SET failure_count = 50, delivery_count = 50");
        assertThat(poll(1).get(0)).containsEntry("retry_backoff", "00:05:00");
        end();
        assertThat(client.rows("SELECT * FROM mq_poll(NULL, 1, interval '10 s')")
                        .get(0))
                .containsEntry("retry_backoff", "00:00:10");
        end();
        client.execute("UPDATE mq_msgs SET retry_backoff = interval '1 day'");
        assertThat(poll(1).get(0)).as("never less than at first").containsEntry("retry_backoff", "1 day");
    }

    /** Some write 2147483647 for "for ever". */
    @ParameterizedTest
    @ValueSource(strings = {"2147483647", "2147483646", "-2147483648"})
    void anyNumberOfRetriesWillDo(String retries) throws Exception {
        String id = insert(job("a").with("retries", retries));
        assertThat(client.values("max_deliveries FROM mq_msgs")).containsExactly("2147483647");
        assertThat(names(poll(1))).containsExactly("a");
        client.values("mq_checkpoint('" + id + "', interval '0', NULL, NULL, " + retries + ")");
        assertThat(client.values("max_deliveries FROM mq_msgs"))
                .containsExactly(retries.startsWith("-") ? "1" : "2147483647");
    }

    /** Who may insert rows may write anything into these columns. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noRetriesAndNoBackoffOfARowStopTheOthers(boolean polled) throws Exception {
        client.execute(
                "INSERT INTO mq_msgs (id, channel_name, channel_args, name, max_deliveries, retry_backoff, failure_count)"
                        + " SELECT gen_random_uuid(), '" + schema.queue() + "', '', 'odd', d::integer, b::interval, f"
                        + " FROM unnest('{-2147483648,-1,0,1,2147483647,NULL}'::text[]) d,"
                        + " unnest('{-178000000 years,-1 s,0,178000000 years,1 us,NULL}'::text[]) b,"
                        + " unnest('{0,3,1000000000}'::integer[]) f");
        insert(job("good"));
        if (polled) {
            assertThat(names(poll(1_000))).contains("good");
        } else {
            assertThat(
                            client.values(
                                    "name FROM (SELECT (c).jms_type AS name, (c).redelivery_policy FROM mq_claim('"
                                            + schema.queue()
                                            + "', 1000, '{0}', '{9}', '{0}', '{0}', false, '{}', '{}', false) c) r WHERE name = 'good'"))
                    .containsExactly("good");
        }
    }

    @Test
    void jobsOfOneGroupComeOneAtATimeAndInOrder() throws Exception {
        List<String> ids = List.of(
                insert(job("1").with("ordered", "true")),
                insert(job("2").with("ordered", "true")),
                insert(job("3").with("ordered", "true", "channel_args", "'x'")),
                insert(job("free")));
        assertThat(names(poll(10))).containsExactlyInAnyOrder("1", "3", "free");
        assertThat(names(poll(10))).isEmpty();
        delete(ids.get(0));
        assertThat(names(poll(10))).containsExactly("2");
    }

    @Test
    void orderHoldsWithinOneInsert() throws Exception {
        client.values("mq_insert(ARRAY(SELECT (gen_random_uuid(), NULL, 0, NULL, " + Call.literal(schema.queue())
                + ", '', NULL, true, n::text, NULL, NULL)::mq_new_t FROM generate_series(1, 20) n))");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Map<String, String> job = poll(5).get(0);
            names.add(job.get("name"));
            delete(job.get("id"));
        }
        assertThat(names.stream().map(Integer::valueOf)).isSorted().hasSize(20);
    }

    @Test
    void aReservedPositionHoldsBackWhatFollowsUntilItIsCommitted() throws Exception {
        String reserved = insert(job("1").with("ordered", "true", "commit_interval", "interval '1 hour'"));
        insert(job("2").with("ordered", "true"));
        assertThat(names(poll(10))).isEmpty();
        client.values("mq_commit(ARRAY['" + reserved + "']::uuid[])");
        assertThat(names(poll(10))).containsExactly("1");
        delete(reserved);
        assertThat(names(poll(10))).containsExactly("2");
    }

    @Test
    void aReservedPositionLapses() throws Exception {
        String reserved = insert(job("1").with("ordered", "true", "commit_interval", "interval '1 hour'"));
        insert(job("2").with("ordered", "true"));
        end();
        assertThat(names(poll(10))).containsExactly("2");
        assertThat(client.values("name FROM mq_msgs"))
                .as("deleted, never delivered")
                .containsExactly("2");
        client.values("mq_commit(ARRAY['" + reserved + "']::uuid[])");
        assertThat(client.values("name FROM mq_msgs")).containsExactly("2");
    }

    @Test
    void aReservedPositionCanBeKept() throws Exception {
        String reserved = insert(job("1").with("commit_interval", "interval '1 s'", "delay", "interval '1 hour'"));
        client.values("mq_keep_alive(ARRAY['" + reserved + "']::uuid[], interval '3 hours')");
        client.values("mq_commit(ARRAY['" + reserved + "']::uuid[])");
        assertThat(client.values("round(extract(epoch FROM attempt_at - now()) / 360) FROM mq_msgs"))
                .as("the delay stays")
                .containsExactly("10");
    }

    @Test
    void keepAliveMovesTheEndOfALeaseOnAndNeverBack() throws Exception {
        String id = insert(job("1"));
        poll(1);
        keepAlive(id, "1 hour");
        keepAlive(id, "1 s");
        assertThat(client.values("attempt_at > now() + interval '59 min' FROM mq_msgs"))
                .containsExactly("t");
    }

    @Test
    void aCheckpointIsWhatTheNextAttemptGets() throws Exception {
        String id = insert(job("1").with("retries", "0", "payload_json", "'false'", "payload_bytes", "'\\x01'"));
        poll(1);
        client.values("mq_checkpoint('" + id + "', interval '0', 'true', NULL, 1)");
        end();
        assertThat(poll(1).get(0)).containsEntry("payload_json", "true").containsEntry("payload_bytes", "\\x01");
        assertThat(client.values("max_deliveries FROM mq_msgs")).containsExactly("2");
        end();
        poll(1);
        assertThat(client.values("count(*) FROM mq_dead_letters")).containsExactly("1");
    }

    /** What else a policy says is kept, and so are the delays of its queue where it says none. */
    @ParameterizedTest
    @CsvSource(nullValues = "null", textBlock = """
            maximumRedeliveries=0&redeliveryDelay=700, 3, maximumRedeliveries=3&redeliveryDelay=700
            redeliveryDelay=700&maximumRedeliveries=2, 1, redeliveryDelay=700&maximumRedeliveries=3
            maximumRedeliveries=2147483646, 7, maximumRedeliveries=2147483647
            maximumRedeliveries=2, -7, maximumRedeliveries=0
            maximumRedeliveries=-1&redeliveryDelay=700, 3, maximumRedeliveries=-1&redeliveryDelay=700
            maximumRedeliveries=2, 0, maximumRedeliveries=2
            maximumRedeliveries=2, null, maximumRedeliveries=2
            redeliveryDelay=700, 2, redeliveryDelay=700&maximumRedeliveries=6
            '', 2, maximumRedeliveries=6
            null, 2, maximumRedeliveries=6
            null, 0, ''
            """)
    void extraRetriesAddToThePolicyOfAMessage(String policy, String extra, String result) throws Exception {
        String id =
                schema.insert("x", "name", "'n'", "redelivery_policy", policy == null ? "NULL" : Call.literal(policy));
        assertThat(client.values("id FROM mq_poll(NULL, 1)")).containsExactly(id);
        client.values("mq_checkpoint('" + id + "', NULL, NULL, NULL, " + extra + ")");
        assertThat(client.values("concat_ws(' ', max_deliveries, redelivery_policy) FROM mq_msgs"))
                .containsExactly(result);
    }

    @Test
    void whoSentAMessageWithManyRetriesGetsThemAll() throws Exception {
        assertThat(
                        client.values(
                                "mq_job_deliveries(NULL, p) FROM unnest(ARRAY['maximumRedeliveries=99999999',"
                                        + " 'maximumRedeliveries=999999999&redeliveryDelay=0', 'maximumRedeliveries=2147483647', 'redeliveryDelay=1', NULL]) p"))
                .containsExactly("100000000", "1000000000", "2147483647", "5", "5");
    }

    @Test
    void jobsArePartOfTheTransactionOfTheCaller() throws Exception {
        QueueSession outside = client;
        client = schema.open(); // what the helpers call
        String jobs = "count(*) FROM mq_msgs";
        insert(job("rolled back"));
        client.rollback();
        String id = insert(job("1").with("payload_json", "'1'"));
        assertThat(outside.values(jobs)).containsExactly("0");
        client.commit();
        assertThat(outside.values(jobs)).containsExactly("1");
        poll(1);
        client.commit();
        delete(id);
        client.rollback();
        client.values("mq_checkpoint('" + id + "', interval '0', '2', NULL, 0)");
        client.rollback();
        assertThat(outside.values("payload_json FROM mq_msgs WHERE id = '" + id + "'"))
                .containsExactly("1");
        delete(id);
        client.commit();
        assertThat(outside.values(jobs)).containsExactly("0");
    }

    @Test
    void clearDeletesJobsOnly() throws Exception {
        schema.insert("no job");
        insert(job("1"));
        insert(job("2").with("channel_name", "'other'"));
        poll(10);
        client.values("mq_clear(ARRAY['other'])");
        assertThat(client.values("name FROM mq_msgs WHERE name IS NOT NULL")).containsExactly("1");
        client.values("mq_clear_all()");
        assertThat(client.values("payload_text FROM mq_msgs")).containsExactly("no job");
    }

    @Test
    void whatSqlxmqsOwnTestsDoLeavesAnEmptyWorkingQueue() throws Exception {
        String id = insert(job("1"));
        client.execute("TRUNCATE mq_payloads");
        assertThat(client.values("EXISTS(SELECT id FROM mq_msgs WHERE id = '" + id + "')"))
                .containsExactly("t");
        client.execute("DELETE FROM mq_msgs WHERE id != '00000000-0000-0000-0000-000000000000'");
        assertThat(names(poll("NULL", 10))).isEmpty();
        insert(job("2"));
        assertThat(names(poll("NULL", 10))).containsExactly("2");
    }

    @Test
    void messagesWithoutANameAreNotPolled() throws Exception {
        schema.insert("no job");
        schema.insertGrouped("g", "no job of a group", "attempt_at", "now()", "delivery_count", "1");
        assertThat(names(poll("NULL", 10))).isEmpty();
    }

    @Test
    void withoutChannelsAllAreServedInTurn() throws Exception {
        for (String channel : List.of("b", "a", "c", "")) {
            for (int i = 0; i < 4; i++) {
                insert(job(channel).with("channel_name", Call.literal(channel)));
            }
        }
        for (int round = 0; round < 4; round++) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                names.addAll(names(poll("NULL", 1)));
            }
            assertThat(names).as("round " + round).containsExactlyInAnyOrder("", "a", "b", "c");
        }
    }

    @Test
    void aLongBacklogDoesNotDelayOthers() throws Exception {
        client.values("mq_insert(ARRAY(SELECT (gen_random_uuid(), NULL, 0, NULL, 'big', (n % 2)::text, NULL, false,"
                + " 'many', NULL, NULL)::mq_new_t FROM generate_series(1, 2000) n))");
        poll("NULL", 10);
        insert(job("one").with("channel_name", "'small'"));
        insert(job("arguments").with("channel_name", "'big'", "channel_args", "'other'"));
        assertThat(names(poll("NULL", 10))).hasSize(10).contains("one", "arguments");
    }

    @Test
    void aRowWithANameIsAJobAlsoIfItHasNoArguments() throws Exception {
        schema.insert("", "name", "'a'");
        schema.insertGrouped("g", "", "name", "'b'");
        assertThat(names(poll(10))).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aJobNeedsAName() {
        assertThatThrownBy(() -> insert(job("x").with("name", "NULL")))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23502"));
    }

    private Call job(String name) {
        return Call.of(
                "job",
                "id",
                Call.literal(UUID.randomUUID()),
                "delay",
                "interval '0'",
                "retries",
                "4",
                "retry_backoff",
                "interval '1 s'",
                "channel_name",
                Call.literal(schema.queue()),
                "channel_args",
                "''",
                "commit_interval",
                "NULL",
                "ordered",
                "false",
                "name",
                Call.literal(name),
                "payload_json",
                "NULL",
                "payload_bytes",
                "NULL");
    }

    /** Returns its id. */
    private String insert(Call job) throws SQLException {
        client.values("mq_insert(ARRAY[(" + String.join(", ", job.arguments().values()) + ")::mq_new_t])");
        return job.arguments().get("id").replace("'", "");
    }

    private List<Map<String, String>> poll(int most) throws SQLException {
        return poll("ARRAY[" + Call.literal(schema.queue()) + "]", most);
    }

    private List<Map<String, String>> poll(String channels, int most) throws SQLException {
        return client.rows("SELECT * FROM mq_poll(" + channels + ", " + most + ")");
    }

    private static List<String> names(List<Map<String, String>> polled) {
        return polled.stream()
                .filter(row -> row.get("id") != null)
                .map(row -> row.get("name"))
                .toList();
    }

    private void delete(String id) throws SQLException {
        client.values("mq_delete(ARRAY['" + id + "']::uuid[])");
    }

    private void keepAlive(String id, String duration) throws SQLException {
        client.values("mq_keep_alive(ARRAY['" + id + "']::uuid[], interval '" + duration + "')");
    }

    /** Lets all leases and commit intervals run out. */
    private void end() throws SQLException {
        client.execute("UPDATE mq_msgs SET attempt_at = now() - interval '1 s', expires_at = CASE WHEN commit_interval"
                + " IS NOT NULL THEN now() - interval '1 s' END WHERE attempt_at IS NOT NULL");
    }
}
