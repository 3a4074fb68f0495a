package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What polls read: no more when much waits, whatever it is, though their plans were made when there was nothing. */
@Timeout(60)
class JobPlanTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    /** Entries of indexes and rows of the table, but for what is gone of a group, which whoever takes its next message has to pass. */
    private static final String READ =
            """
            sum(pg_stat_get_xact_tuples_returned(o)) FROM (
              SELECT indexrelid AS o FROM pg_index WHERE indrelid = ANY (:tables)
                 AND indexrelid <> ALL ('{mq_msgs_grouped,mq_msgs_slot,mq_msgs_busy}'::regclass[])
              UNION SELECT unnest(:tables)) s""".replace(":tables", "'{mq_msgs,mq_msgs_unlogged,mq_attempts,mq_completed,mq_dedup}'::regclass[]");

    @Test
    void aPollReadsWhatItGivesAndLittleMore() throws Exception {
        try (QueueSession client = schema.open()) {
            for (String channels :
                    List.of("ARRAY['" + schema.queue() + "']", "NULL", "ARRAY['" + schema.queue() + "', 'other']")) {
                client.values("count(*) FROM mq_poll(" + channels + ", 10)");
            }
            client.commit();
            generate("'a' || n % 100", "NULL", "NULL", 30_000);
            generate("'g' || n % 50", "'g' || n % 50", "NULL", 10_000);
            generate("''", "NULL", "now() + n * interval '1 min'", 10_000);
            schema.outside().execute("ANALYZE mq_msgs");
            for (String channels :
                    List.of("ARRAY['" + schema.queue() + "']", "NULL", "ARRAY['" + schema.queue() + "', 'other']")) {
                for (int batch : new int[] {1, 10, 200}) {
                    int before = read(client);
                    assertThat(client.values(
                                    "count(*) FROM mq_poll(" + channels + ", " + batch + ") WHERE id IS NOT NULL"))
                            .containsExactly(String.valueOf(batch));
                    assertThat(read(client) - before)
                            .as("read for %s jobs of %s", batch, channels)
                            .isLessThan(100 + 20 * batch);
                    client.commit();
                }
            }
        }
    }

    /** Also if the table was analyzed when nothing was leased. */
    @Test
    void whatIsDoneToOneJobDoesNotReadAllThatAreWorkedOn() throws Exception {
        generate("''", "NULL", "NULL", 10_000);
        schema.outside().execute("ANALYZE mq_msgs");
        schema.outside().values("count(*) FROM mq_poll(ARRAY['" + schema.queue() + "'], 5000, interval '1 h')");
        List<String> polled = schema.outside().values("id FROM mq_msgs WHERE lease_owner IS NOT NULL LIMIT 3");
        try (QueueSession client = schema.open()) {
            for (String call : List.of(
                    "mq_keep_alive(ARRAY['" + polled.get(0) + "']::uuid[], interval '1 h')",
                    "mq_checkpoint('" + polled.get(1) + "', interval '1 h', '{}', NULL, 1)",
                    "mq_delete(ARRAY['" + polled.get(2) + "']::uuid[])")) {
                int before = read(client);
                client.values(call);
                assertThat(read(client) - before).as(call).isLessThan(200);
            }
        }
    }

    /** Statistics of empty tables make the planner read all of them, to look for the few that are named in what it finds. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mq_delete(ARRAY[:id])",
                "mq_keep_alive(ARRAY[:id], interval '2 h')",
                "mq_checkpoint(:id, interval '2 h', '{}', NULL, 1)",
                "mq_commit(ARRAY[:id])",
                "mq_cancel(:id)",
                "mq_reschedule(:id, now() + interval '1 h')",
                "mq_reprioritize(:id, 9)",
                "mq_why(:id)",
                "mq_ack_ids(ARRAY[:q], ARRAY[:id], 7, '{1}')",
                "mq_give_back(ARRAY[:q], ARRAY[:id], '{f}', '{1}', 7, '{1}', '{1}', '{0}', ARRAY[NULL::text], ARRAY[NULL::text], 'x')",
                "mq_renew(7, 1000, ARRAY[:id], '{1}', 1, 5, '{}')",
                "mq_park(:id, :q, false, 'DLQ', 'x', NULL, 1)",
                "mq_drop_payloads(ARRAY[:id])",
                "mq_keep_completed(ARRAY[:q], ARRAY[:id], 7, '{NULL}', '{1}', '{1000}')",
                "mq_note_attempts(ARRAY[:id], ARRAY[:q], '{25}', '{1}', 'x')",
                "mq_drop_duplicates(ARRAY[:q], '{5}', ARRAY[:id], ARRAY[:id], ARRAY[:q], ARRAY[:id])"
            })
    void whatIsDoneToOneByItsIdReadsNoOthersAlsoIfItWasPlannedWhenThereWereNone(String call) throws Exception {
        String of = call.replace(":q", Call.literal(schema.queue()));
        for (String table : List.of("mq_attempts", "mq_completed", "mq_dedup")) {
            schema.outside().execute("DELETE FROM " + table);
        }
        schema.outside().execute("VACUUM ANALYZE mq_msgs, mq_msgs_unlogged, mq_attempts, mq_completed, mq_dedup");
        try (QueueSession client = schema.open()) {
            client.values(of.replace(":id", "gen_random_uuid()"));
            client.commit();
            generate("''", "NULL", "NULL", 5_000);
            generate("''", "NULL", "now() - interval '1 h'", 1_000);
            schema.outside()
                    .execute("UPDATE mq_msgs SET lease_owner = -1, lease_token = -1 WHERE attempt_at IS NOT NULL");
            generate("''", "NULL", "now() + interval '1 h'", 2_000);
            schema.outside()
                    .execute("UPDATE mq_msgs SET commit_interval = interval '1 h'"
                            + " WHERE attempt_at > now() AND lease_owner IS NULL");
            schema.outside()
                    .execute(
                            "INSERT INTO mq_attempts (message_id, channel_name, attempt, failed_at) SELECT m.id, '', n,"
                                    + " now() - n * interval '1 s' FROM mq_msgs m, generate_series(1, 2) n");
            schema.outside()
                    .execute("INSERT INTO mq_dedup SELECT '" + schema.queue()
                            + "', n::text, gen_random_uuid(), now() + interval '1 h' FROM generate_series(1, 5000) n");
            for (String id : schema.outside()
                    .values("max(id::text) FROM mq_msgs GROUP BY attempt_at IS NULL, attempt_at > now()")) {
                int before = read(client);
                client.values(of.replace(":id", "'" + id + "'::uuid"));
                assertThat(read(client) - before).as(call).isLessThan(200);
                client.rollback();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mq_why(:id)",
                "mq_cancel(:id)",
                "mq_reschedule(:id, now())",
                "mq_delete(ARRAY[:id])",
                "mq_keep_alive(ARRAY[:id], '2 h')",
                "mq_commit(ARRAY[:id])"
            })
    void whatIsDoneToOneOfALongGroupReadsNoOthers(String call) throws Exception {
        schema.outside().execute("VACUUM ANALYZE mq_msgs");
        try (QueueSession client = schema.open()) {
            client.values(call.replace(":id", "gen_random_uuid()"));
            client.commit();
            generate("'g'", "'g'", "NULL", 3_000);
            generate("'h'", "'h'", "CASE n WHEN 1 THEN now() + interval '1 h' END", 3_000);
            generate("'i'", "'i'", "CASE WHEN n < 50 THEN now() - interval '1 h' END", 3_000);
            for (String id : schema.outside().values("max(id::text) FROM mq_msgs GROUP BY grp, attempt_at IS NULL")) {
                int before = read(client);
                client.values(call.replace(":id", "'" + id + "'::uuid"));
                assertThat(read(client) - before).as(call).isLessThan(400);
                client.rollback();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mq_clear(ARRAY[:q])", "mq_clear_all()"})
    void whatIsClearedIsReadOnceAlsoIfItWasPlannedWhenThereWasNothing(String call) throws Exception {
        String clear = call.replace(":q", Call.literal(schema.queue()));
        schema.outside().execute("VACUUM ANALYZE mq_msgs");
        try (QueueSession client = schema.open()) {
            for (int i = 0; i < 6; i++) { // from then on the plan stays
                client.values(clear);
            }
            client.commit();
            generate("''", "NULL", "NULL", 2_000);
            int before = read(client);
            client.values(clear);
            assertThat(client.values("count(*) FROM mq_msgs")).containsExactly("0");
            assertThat(read(client) - before).isLessThan(20_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ARRAY[:q]", "NULL", "ARRAY[:q, 'other']"})
    void whileATransactionIsOpenElsewhereASessionPaysForWhatIsGoneOnce(String given) throws Exception {
        String channels = given.replace(":q", "'" + schema.queue() + "'");
        try (QueueSession open = schema.open();
                QueueSession client = schema.open()) {
            open.values("pg_current_xact_id()");
            generate("''", "NULL", "NULL", 10_000);
            generate("'g'", "'g'", "NULL", 5_000);
            generate("''", "NULL", "now() - interval '1 s'", 5_000);
            schema.outside().execute("DELETE FROM mq_msgs");
            for (int round = 0; round < 3; round++) {
                insert("first");
                insert("second");
                generate("'g'", "'g'", "NULL", 1);
                generate("'new'", "NULL", "NULL", 1);
                generate("''", "NULL", "clock_timestamp()", 1);
                generate("''", "NULL", "mq_at_once()", 1);
                int before = read(client);
                assertThat(poll(client, channels, 10)).hasSize(6);
                assertThat(poll(client, channels, 10)).isEmpty();
                if (round == 2) {
                    assertThat(read(client) - before).isLessThan(300);
                }
                client.execute("DELETE FROM mq_msgs");
                client.commit();
            }
        }
    }

    @Test
    void whatIsCommittedLateIsFound() throws Exception {
        String channels = "ARRAY['" + schema.queue() + "']";
        try (QueueSession open = schema.open();
                QueueSession late = schema.open();
                QueueSession client = schema.open()) {
            open.values("pg_current_xact_id()");
            generate("''", "NULL", "NULL", 100);
            late.execute(insertion("'late'", "''", "NULL", "NULL", 1));
            late.execute(insertion("'late due'", "''", "NULL", "clock_timestamp()", 1));
            generate("''", "NULL", "NULL", 5_000);
            schema.outside().execute("DELETE FROM mq_msgs WHERE name = 'job'");
            for (int i = 0; i < 3; i++) {
                assertThat(poll(client, channels, 10)).isEmpty();
            }
            late.commit();
            assertThat(poll(client, channels, 10)).containsExactlyInAnyOrder("late", "late due");
            insert("after");
            assertThat(poll(client, channels, 10)).containsExactly("after");
            assertThat(poll(client, channels, 10)).isEmpty();
            insert("better", "prio_rank", "2");
            insert("worse", "prio_rank", "9");
            assertThat(poll(client, channels, 10)).containsExactly("better", "worse");
        }
    }

    @Test
    void whatARolledBackPollHadIsFoundAgain() throws Exception {
        String channels = "ARRAY['" + schema.queue() + "']";
        try (QueueSession open = schema.open();
                QueueSession client = schema.open()) {
            open.values("pg_current_xact_id()");
            generate("''", "NULL", "NULL", 5_000);
            schema.outside().execute("DELETE FROM mq_msgs");
            insert("a");
            insert("b");
            assertThat(client.values("name FROM mq_poll(" + channels + ", 10)")).hasSize(2);
            client.rollback();
            assertThat(poll(client, channels, 10)).containsExactlyInAnyOrder("a", "b");
        }
    }

    private static List<String> poll(QueueSession client, String channels, int batch) throws SQLException {
        List<String> names = client.values("name FROM mq_poll(" + channels + ", " + batch + ") WHERE id IS NOT NULL");
        client.commit();
        return names;
    }

    private static void insert(String name, String... columns) throws SQLException {
        String[] all = Arrays.copyOf(columns, columns.length + 2);
        all[columns.length] = "name";
        all[columns.length + 1] = "'" + name + "'";
        schema.insert(name, all);
    }

    private static int read(QueueSession client) throws SQLException {
        return Integer.parseInt(client.values(READ).get(0));
    }

    private static void generate(String args, String group, String due, int count) throws SQLException {
        schema.outside().execute(insertion("'job'", args, group, due, count));
    }

    private static String insertion(String name, String args, String group, String due, int count) {
        return "INSERT INTO mq_msgs (id, channel_name, channel_args, name, grp, slot, attempt_at)"
                + " SELECT gen_random_uuid(), '" + schema.queue() + "', " + args + ", " + name + ", " + group
                + ", mq_slot("
                + group + "), " + due + " FROM generate_series(1, " + count + ") AS n";
    }
}
