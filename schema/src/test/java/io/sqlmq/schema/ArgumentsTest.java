package io.sqlmq.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What functions for SQL programs answer to arguments that make no sense: which one it is, what it was, and what it may be. */
@Timeout(60)
class ArgumentsTest {
    private static final String ID = "'6ad5f622-6429-4b23-84ee-d122cdba8a6a'";

    @RegisterExtension
    static final QueueSchema schema = new QueueSchema();

    private QueueSession client;

    @BeforeEach
    void connect() throws Exception {
        client = schema.outside();
        client.execute(
                "CREATE OR REPLACE FUNCTION pg_temp.job(id uuid DEFAULT " + ID + ", channel text DEFAULT 'c',"
                        + " args text DEFAULT '', name text DEFAULT 'n', payload text DEFAULT NULL) RETURNS mq_new_t[] LANGUAGE sql AS"
                        + " $$ SELECT ARRAY[(id, NULL, NULL, NULL, channel, args, NULL, false, name, payload, NULL)::mq_new_t] $$");
        client.execute(
                "CREATE OR REPLACE FUNCTION pg_temp.once(channel text DEFAULT 'c', payload text DEFAULT NULL) RETURNS mq_new_t"
                        + " LANGUAGE sql AS $$ SELECT (pg_temp.job(NULL, channel, payload => payload))[1] $$");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    mq_send(NULL, 'x')                                      | 22004 | p_queue is null, but has to be the name of a queue
                    mq_send('', 'x')                                        | 22023 | p_queue is '', but has to be the name of a queue
                    mq_send(repeat('q', 256), 'x')                          | 22023 | (256 bytes), but has to be the name of a queue, of up to 255 bytes
                    mq_send('queue://q', 'x')                               | 22023 | p_queue is 'queue://q', but
                    mq_send('topic://q', 'x')                               | 22023 | without queue:// or the like in front
                    mq_send('q', 'x', '[]')                                 | 22023 | p_properties is '[]', but has to be JSON objects, or null
                    mq_send('q', 'x', '"a"')                                | 22023 | p_properties is '"a"'
                    mq_send('q', 'x', 'null')                               | 22023 | p_properties is 'null'
                    mq_send('q', 'x', '{"JMS_SQLMQ_DeduplicationId": ""}')  | 22023 | the identifier for duplicates in p_properties is '', but has to be of 1 to 2000 bytes
                    mq_send('q', 'x', p_priority => 10)                     | 22023 | p_priority is '10', but has to be 0 to 9
                    mq_send('q', 'x', p_priority => -1)                     | 22023 | p_priority is '-1'
                    mq_send('q', 'x', p_priority => 100000)                 | 22023 | p_priority is '100000'
                    mq_send('q', 'x', p_time_to_live => '-1 s')             | 22023 | p_time_to_live is '-00:00:01', but has to be more than nothing
                    mq_send('q', 'x', p_reply_to => '')                     | 22023 | p_reply_to is '', but has to be the name of a queue
                    mq_send('q', 'x', p_reply_to => 'topic://')             | 22023 | p_reply_to is 'topic://'
                    mq_send('q', 'x', p_reply_to => repeat('q', 300))       | 22023 | (300 bytes)
                    mq_send_many('q', '{a,b}', p_groups => '{g}')           | 22023 | the number of elements in p_groups is '1', but has to be 2, as in p_texts
                    mq_send_many('q', '{a}', p_correlation_ids => '{b,c}')  | 22023 | elements in p_correlation_ids is '2', but has to be 1
                    mq_send_many('q', '{a}', p_properties => '{}')          | 22023 | elements in p_properties is '0'
                    mq_send_many('q', '{a,b}', ARRAY['{}', '1']::jsonb[])   | 22023 | p_properties is '1'
                    mq_send_many('q', '{a}', '[0:0]={1}'::jsonb[])          | 22023 | p_properties is '1', but has to be JSON objects
                    mq_send_many('q', '{a}', ARRAY[ARRAY['1']]::jsonb[])    | 22023 | p_properties is '1', but has to be JSON objects
                    mq_insert(ARRAY[NULL]::mq_new_t[])                      | 23502 | a job has no id
                    mq_insert(pg_temp.job(id => NULL))                              | 23502 | a job has no id: n
                    mq_insert(pg_temp.job(channel => NULL))                         | 23502 | a job has no channel_name: 6ad5f622
                    mq_insert(pg_temp.job(name => NULL))                            | 23502 | a job has no name: 6ad5f622
                    mq_insert(pg_temp.job(channel => repeat('c', 256)))             | 22023 | the channel_name of job 6ad5f622
                    mq_insert(pg_temp.job(args => repeat('a', 2001)))               | 22023 | (2001 bytes), but has to be 2000 bytes long at most
                    mq_insert(pg_temp.job(payload => '{bad'))                          | 22P02 | invalid input syntax for type json
                    mq_reserve_id(NULL, 'k', ID, '1 s')                     | 22004 | p_channel is null
                    mq_reserve_id('q', NULL, ID, '1 s')                     | 22004 | p_dedup_id is null, but has to be a key of 1 to 2000 bytes
                    mq_reserve_id('q', '', ID, '1 s')                       | 22023 | p_dedup_id is ''
                    mq_reserve_id('q', repeat('k', 2001), ID, '1 s')        | 22023 | (2001 bytes)
                    mq_reserve_id('q', 'k', NULL, '1 s')                    | 22004 | p_message is null
                    mq_reserve_id('q', 'k', ID, NULL)                       | 22004 | p_window is null
                    mq_reserve_id('q', 'k', ID, '0 s')                      | 22023 | p_window is '00:00:00', but has to be more than nothing
                    mq_pause(NULL)                                          | 22004 | p_channel is null
                    mq_pause(repeat('q', 256))                              | 22023 | (256 bytes)
                    mq_pause('queue://q')                                   | 22023 | p_channel is 'queue://q'
                    mq_limit(NULL, 1)                                       | 22004 | p_channel is null
                    mq_limit('topic://q', 1)                                | 22023 | p_channel is 'topic://q'
                    mq_limit('q', 0)                                        | 22023 | of 1 to 1000 messages
                    mq_limit('q', p_starts => 5)                            | 22023 | not p_running null, p_starts 5 and p_period null
                    mq_reschedule(ID, 'infinity')                           | 22023 | messages can wait for 100 years, not until infinity
                    mq_reprioritize(ID, 10)                                 | 22023 | priorities are 0 to 9, not 10
                    mq_restore('[]')                                        | 22023 | p_row is '[]', but has to be a row of mq_msgs as JSON
                    mq_restore('{"id": null, "channel_name": "q"}')         | 22023 | with its id and channel_name
                    mq_restore('{"id": "x", "channel_name": "q"}')          | 22023 | id of p_row is 'x', but has to be of the type uuid
                    mq_restore('{"id": IDJ, "channel_name": "q", "prio_rank": 10}')              | 22023 | prio_rank of p_row is '10', but has to be 0 to 9
                    mq_restore('{"id": IDJ, "channel_name": "q", "prio_rank": 1e9}')             | 22023 | prio_rank of p_row is '1000000000', but
                    mq_restore('{"id": IDJ, "channel_name": "q", "seq": 0}')                     | 22023 | seq of p_row is '0', but has to be a number greater than 0
                    mq_restore('{"id": IDJ, "channel_name": "q", "delivery_count": -1}')         | 22023 | delivery_count of p_row is '-1', but has to be 0 to 1000000000
                    mq_restore('{"id": IDJ, "channel_name": "q", "failure_count": "x"}')         | 22023 | failure_count of p_row is 'x'
                    mq_restore('{"id": IDJ, "channel_name": "q", "attempt_at": "-infinity"}')    | 22023 | attempt_at of p_row is '-infinity', but has to be a time
                    mq_restore('{"id": IDJ, "channel_name": "q", "expires_at": "soon"}')         | 22023 | expires_at of p_row is 'soon', but has to be of the type timestamp with time zone
                    mq_restore('{"id": IDJ, "channel_name": "q", "properties": []}')             | 22023 | properties of p_row is '[]', but has to be a JSON object
                    mq_restore(jsonb_build_object('id', ID, 'channel_name', repeat('q', 256)))  | 22023 | (256 bytes), but has to be of up to 255 bytes
                    mq_restore(jsonb_build_object('id', ID, 'channel_name', 'q', 'grp', repeat('g', 513)))  | 22023 | (513 bytes), but has to be of up to 512 bytes
                    mq_schedule(NULL, '* * * * *', pg_temp.once())                  | 22004 | p_name is null, but has to be the name of a schedule
                    mq_schedule('', '* * * * *', pg_temp.once())                    | 22023 | p_name is ''
                    mq_schedule(repeat('n', 10000), '* * * * *', pg_temp.once())    | 22023 | (10000 bytes), but has to be the name of a schedule, of 1 to 255 bytes
                    mq_schedule(concat('a', chr(10)), '* * * * *', pg_temp.once())               | 22023 | without control characters
                    mq_schedule('n', NULL, pg_temp.once())                          | 22004 | p_cron is null, but has to be five fields
                    mq_schedule('n', '', pg_temp.once())                            | 22023 | p_cron is ''
                    mq_schedule('n', '* * * *', pg_temp.once())                     | 22023 | p_cron is '* * * *'
                    mq_schedule('n', '60 * * * *', pg_temp.once())                  | 22023 | the minute of p_cron is '60', but has to be *, numbers from 0 to 59
                    mq_schedule('n', '* 8-25 * * *', pg_temp.once())                | 22023 | the hour of p_cron is '8-25'
                    mq_schedule('n', '* * 0 * *', pg_temp.once())                   | 22023 | the day of the month of p_cron is '0'
                    mq_schedule('n', '* * * mon *', pg_temp.once())                 | 22023 | the month of p_cron is 'mon'
                    mq_schedule('n', '* * * * 5-1', pg_temp.once())                 | 22023 | the day of the week of p_cron is '5-1'
                    mq_schedule('n', '*/0 * * * *', pg_temp.once())                 | 22023 | the minute of p_cron is '*/0'
                    mq_schedule('n', '1,,2 * * * *', pg_temp.once())                | 22023 | the minute of p_cron is ''
                    mq_schedule('n', '1-x * * * *', pg_temp.once())                 | 22023 | the minute of p_cron is '1-x'
                    mq_schedule('n', '1-jan * * * *', pg_temp.once())               | 22023 | the minute of p_cron is '1-jan'
                    mq_schedule('n', '* * * * *', pg_temp.once(), NULL)             | 22004 | p_zone is null
                    mq_schedule('n', '* * * * *', pg_temp.once(), 'Berlin')         | 22023 | p_zone is 'Berlin', but has to be the name of a time zone, such as Europe/Berlin
                    mq_schedule('n', '* * * * *', pg_temp.once(), p_missed => -1)   | 22023 | p_missed is '-1', but has to be 0 to 1000
                    mq_schedule('n', '* * * * *', pg_temp.once(), p_missed => NULL) | 22004 | p_missed is null
                    mq_schedule('n', '* * * * *', NULL)                             | 23502 | a job has no channel_name
                    mq_schedule('n', '* * * * *', (pg_temp.job())[1])               | 22023 | the id of p_job is '6ad5f622
                    mq_schedule('n', '* * * * *', pg_temp.once(''))                 | 22023 | the channel_name of p_job is '', but has to be the name of a queue
                    mq_schedule('n', '* * * * *', pg_temp.once(payload => '{bad'))  | 22P02 | invalid input syntax for type json
                    mq_queue_sizes(-1, 5)                                   | 22023 | p_queues is '-1', but has to be 0 or more
                    mq_queue_sizes(5, -1)                                   | 22023 | p_limit is '-1'
                    mq_grant(NULL, 'send')                                  | 22004 | p_role is null
                    mq_grant(current_user, NULL)                            | 22023 | no right is called
                    mq_grant(current_user, 'fly')                           | 22023 | no right is called "fly"
                    mq_revoke(NULL)                                         | 22004 | p_role is null""")
    void whatIsWrongIsNamed(String call, String state, String message) {
        assertThatThrownBy(() ->
                        client.values(call.replace("IDJ", ID.replace('\'', '"')).replace("ID", ID)))
                .hasMessageContaining(message)
                .hasMessageNotContaining("constraint")
                .isInstanceOfSatisfying(
                        SQLException.class,
                        refused -> assertThat(refused.getSQLState()).isEqualTo(state));
    }

    /** What cannot be too much is as much as there can be, and what is null is what it is by itself. */
    @Test
    void longTimesAreAHundredYearsAndNullIsTheDefault() throws Exception {
        String queue = Call.literal(schema.queue());
        client.values("mq_send(" + queue + ", 'a', p_delay => '178000000 years', p_time_to_live => '178000000 years')");
        assertThat(schema.holds("a", """
                        attempt_at BETWEEN now() + interval '99 years' AND now() + interval '101 years'
                        AND expires_at BETWEEN now() + interval '99 years' AND now() + interval '101 years'""")).isTrue();
        client.values("mq_send(" + queue + ", 'b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
        client.values("mq_send(" + queue + ", 'c', p_delay => '-1 s', p_time_to_live => '0')");
        for (String plain : new String[] {"b", "c"}) {
            assertThat(schema.holds(plain, "prio_rank = 5 AND attempt_at IS NULL AND expires_at IS NULL"))
                    .isTrue();
        }
        client.values("mq_send(" + queue + ", 'd', p_time_to_live => '0.0001 s')");
        assertThat(schema.holds("d", "expiration - sent_at = 1")).isTrue();
        client.values("mq_reserve_id(" + queue + ", 'k', " + ID + ", '178000000 years')");
    }
}
