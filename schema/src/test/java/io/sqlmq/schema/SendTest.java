package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sending by SQL: mq_send and mq_send_many. */
@Timeout(60)
class SendTest {
    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    private QueueSession client;
    private String queue;

    @BeforeEach
    void connect() {
        client = schema.outside();
        queue = Call.literal(schema.queue());
    }

    @Test
    void callsOfTheFirstReleaseMeanWhatTheyDid() throws Exception {
        client.values("mq_send(" + queue + ", 'a')");
        client.values("mq_send(" + queue + ", 'b', '{\"n\": 1}')");
        client.values("mq_send(" + queue + ", 'c', '{\"JMSXGroupID\": \"g\"}', 9, interval '1 hour')");
        client.values("mq_send(" + queue + ", 'd', p_priority => 7, p_delay => interval '1 minute')");
        assertThat(schema.texts()).containsExactly("a", "b", "c", "d");
        assertThat(schema.holds("b", "properties = '{\"n\": 1}'")).isTrue();
        assertThat(schema.holds("c", "prio_rank = 0 AND grp = 'g' AND slot IS NOT NULL AND attempt_at > now()"))
                .isTrue();
    }

    @Test
    void headersAreThoseOfAMessage() throws Exception {
        client.values("mq_send(" + queue
                + ", 'a', p_time_to_live => interval '1 hour', p_correlation_id => 'c', p_reply_to => 'r',"
                + " p_type => 't', p_group => 'g')");
        assertThat(schema.holds("a", """
                        expires_at BETWEEN now() + interval '59 min' AND now() + interval '61 min'
                        AND expiration - sent_at = 3600000 AND correlation_id = 'c' AND reply_to = 'queue://r' AND jms_type = 't'
                        AND grp = 'g' AND slot = mq_slot('g') AND properties = '{"JMSXGroupID": "g"}'""")).isTrue();
        client.values("mq_send(" + queue + ", 'b', p_reply_to => 'topic://r')");
        assertThat(schema.holds("b", "reply_to = 'topic://r'")).isTrue();
    }

    @Test
    void manyAreSentAtOnceInTheirOrder() throws Exception {
        List<String> ids = client.values(
                "mq_send_many(" + queue
                        + ", ARRAY(SELECT n::text FROM generate_series(1, 50) n), p_groups => (array_fill(NULL::text, ARRAY[49]) || 'first'::text))");
        assertThat(ids).hasSize(50).doesNotHaveDuplicates();
        assertThat(schema.texts().stream().map(Integer::valueOf)).hasSize(50).isSorted();
        assertThat(schema.id("1")).isEqualTo(ids.get(0));
        assertThat(client.values("count(grp) FROM mq_msgs")).containsExactly("1");
        assertThat(client.values("mq_send_many(" + queue + ", '{}')")).isEmpty();
    }

    @Test
    void aDuplicateAmongManyIsLeftOut() throws Exception {
        String properties = "'{\"JMS_SQLMQ_DeduplicationId\": \"x\"}'::jsonb";
        List<String> ids = client.values(
                "mq_send_many(" + queue + ", '{a,b,c}', ARRAY[" + properties + ", NULL, " + properties + "])");
        assertThat(schema.texts()).containsExactly("a", "b");
        assertThat(ids).containsExactly(schema.id("a"), schema.id("b"), schema.id("a"));
    }

    /** An array may begin at any number, and have several dimensions: what counts is the order of its elements. */
    @Test
    void anArrayMayBeginAnywhere() throws Exception {
        String properties =
                "'%s={\"{\\\"JMS_SQLMQ_DeduplicationId\\\": \\\"x\\\"}\",NULL,\"{\\\"JMS_SQLMQ_DeduplicationId\\\": \\\"x\\\"}\"}'::jsonb[]";
        client.values("mq_send_many(" + queue + ", '[7:9]={a,b,c}', " + properties.formatted("[-3:-1]")
                + ", p_groups => '[0:2]={g,h,i}')");
        client.values("mq_send_many(" + queue
                + ", '{{d},{e},{f}}', ARRAY[ARRAY[NULL], ARRAY['{\"n\": 1}'], ARRAY[NULL]]::jsonb[])");
        assertThat(schema.texts()).containsExactly("a", "b", "d", "e", "f");
        assertThat(schema.holds("b", "grp = 'h'")).isTrue();
        assertThat(schema.holds("e", "properties = '{\"n\": 1}'")).isTrue();
    }

    @Test
    void aTriggerSends() throws Exception {
        client.execute("CREATE TEMP TABLE orders (id int)");
        client.execute("CREATE FUNCTION pg_temp.announce() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " PERFORM mq_send(TG_ARGV[0], NEW.id::text, p_type => TG_OP); RETURN NEW; END $$");
        client.execute("CREATE TRIGGER announced AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION pg_temp.announce("
                + queue + ")");
        client.execute("INSERT INTO orders SELECT generate_series(1, 3)");
        assertThat(schema.texts()).containsExactly("1", "2", "3");
        assertThat(schema.holds("1", "jms_type = 'INSERT'")).isTrue();
    }
}
