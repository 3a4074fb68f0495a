package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What polls read: no more when much waits, whatever it is, though their plans were made when there was nothing. */
@Timeout(60)
class JobPlanTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    /** Entries of indexes and rows of the table, by all that one poll looks for. */
    private static final String READ = """
            sum(pg_stat_get_xact_tuples_returned(o)) FROM (
              SELECT indexrelid AS o FROM pg_index WHERE indrelid = 'mq_msgs'::regclass UNION SELECT 'mq_msgs'::regclass) s""";

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

    private static int read(QueueSession client) throws SQLException {
        return Integer.parseInt(client.values(READ).get(0));
    }

    private static void generate(String args, String group, String due, int count) throws SQLException {
        schema.outside()
                .execute("INSERT INTO mq_msgs (id, channel_name, channel_args, name, grp, slot, attempt_at)"
                        + " SELECT gen_random_uuid(), '" + schema.queue() + "', " + args + ", 'job', " + group
                        + ", mq_slot(" + group
                        + "), " + due + " FROM generate_series(1, " + count + ") AS n");
    }
}
