package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.jms.SqlmqTransactions;
import java.sql.Connection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs with a key, of which one is spawned in a window. */
class UniqueJobsTest extends JobsTestCase {
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void aKeyIsTakenOnceInItsWindowAlsoWhenItsJobIsDone() throws Exception {
        registry.handler("report", job -> seen.add(job.rawJson()));
        JobId first = report(1).spawn();
        assertThat(report(2).spawn()).isEqualTo(first);
        run();
        seenEventually("1");
        goneEventually();
        assertThat(report(3).spawn()).isEqualTo(first);
        execute("UPDATE mq_dedup SET until = now()");
        JobId second = report(4).spawn();
        assertThat(second).isNotEqualTo(first);
        seenEventually("1", "4");
        JobBuilder elsewhere = report(5).channel("elsewhere");
        assertThat(elsewhere.spawn()).isEqualTo(elsewhere.id());
    }

    @Test
    void whatIsRolledBackHasNoKey() throws Exception {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            JobId first = report(1).spawn(connection);
            assertThat(report(2).spawn(connection)).isEqualTo(first);
            connection.rollback();
            try (SqlmqTransactions.Scope joined = SqlmqTransactions.join(connection)) {
                JobBuilder third = report(3);
                assertThat(third.spawn()).isEqualTo(third.id()).isNotEqualTo(first);
                assertThat(report(4).spawn()).isEqualTo(third.id());
            }
            connection.commit();
        }
        assertThat(value("SELECT string_agg(payload_json::text, ',') FROM mq_msgs"))
                .isEqualTo("3");
    }

    @Test
    void manyAtOnceAreUniqueAmongThemselvesAndOthersGoAlong() throws Exception {
        JobBuilder plain = jobs.job("report").rawJson("0");
        JobBuilder first = report(1);
        assertThat(jobs.spawnAll(List.of(plain, first, report(2)))).containsExactly(plain.id(), first.id(), first.id());
        assertThat(value("SELECT string_agg(payload_json::text, ',' ORDER BY seq) FROM mq_msgs"))
                .isEqualTo("0,1");
    }

    @Test
    void sqlTakesTheSameKeys() throws Exception {
        JobId first = report(1).spawn();
        assertThat(value("SELECT mq_reserve_id('jobs', 'daily', gen_random_uuid(), interval '1 h')"))
                .isEqualTo(first.value());
        for (int i = 0; i < 2; i++) {
            execute(
                    "SELECT mq_insert(ARRAY[(j.id, NULL, 3, NULL, 'mail', NULL, NULL, false, 'report', NULL, NULL)::mq_new_t])"
                            + " FROM (SELECT gen_random_uuid() AS id) j"
                            + " WHERE mq_reserve_id('mail', 'daily', j.id, interval '1 day') = j.id");
        }
        assertThat(count("SELECT count(*) FROM mq_msgs WHERE channel_name = 'mail'"))
                .isEqualTo(1);
    }

    @Test
    void whatCannotBeUniqueIsRefused() {
        assertThatThrownBy(() -> jobs.job("x").unique("", HOUR)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> jobs.job("x").unique("k", Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> jobs.job("x").unique("k".repeat(501), HOUR))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> jobs.schedule("s", "0 3 * * *", ZoneOffset.UTC, report(1)))
                .isInstanceOf(IllegalArgumentException.class);
        report(1).unique("\u20ac".repeat(500), HOUR).spawn();
    }

    private JobBuilder report(int number) {
        return jobs.job("report").rawJson(Integer.toString(number)).unique("daily", HOUR);
    }
}
