package io.sqlmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.ClassRule;
import org.junit.Rule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.runner.JUnitCore;
import org.junit.runner.Result;

class SqlmqRuleTest {

    private static final List<String> URLS = new ArrayList<>();

    @BeforeEach
    void forget() {
        URLS.clear();
    }

    public static class PerClass {
        @ClassRule
        public static final SqlmqRule SQLMQ = new SqlmqRule();

        @org.junit.Test
        public void first() throws SQLException {
            URLS.add(SQLMQ.jdbcUrl());
            assertThat(SQLMQ.connectionFactory()).isSameAs(SQLMQ.connectionFactory());
            Sql.run(SQLMQ.dataSource(), "CREATE TABLE mq_rule AS SELECT 1");
            SQLMQ.purge();
            assertThat(Sql.value(SQLMQ.dataSource(), "SELECT count(*) FROM mq_rule"))
                    .isEqualTo("0");
        }

        @org.junit.Test
        public void second() {
            URLS.add(SQLMQ.jdbcUrl());
        }
    }

    public static class PerTest {
        @Rule
        public final SqlmqRule sqlmq = new SqlmqRule();

        @org.junit.Test
        public void first() {
            URLS.add(sqlmq.jdbcUrl());
        }

        @org.junit.Test
        public void second() {
            URLS.add(sqlmq.jdbcUrl());
        }
    }

    @Test
    void asAClassRuleItGivesOneDatabasePerClassAndDropsIt() {
        succeed(PerClass.class);
        assertThat(URLS).hasSize(2).containsOnly(URLS.get(0));
        assertDropped();
    }

    @Test
    void asARuleItGivesOneDatabasePerTestAndDropsIt() {
        succeed(PerTest.class);
        assertThat(URLS).hasSize(2).doesNotHaveDuplicates();
        assertDropped();
    }

    @Test
    void outsideOfATestItSaysWhatIsMissing() {
        assertThatThrownBy(() -> new SqlmqRule().jdbcUrl()).hasMessageContaining("@ClassRule");
    }

    @Test
    void refusesMalformedOptions() {
        assertThatThrownBy(() -> new SqlmqRule("sqlmq:embedded", "ackSync").before())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name=value");
    }

    private static void succeed(Class<?> fixture) {
        Result result = JUnitCore.runClasses(fixture);
        assertThat(result.getFailures()).isEmpty();
        assertThat(result.getRunCount()).isEqualTo(2);
    }

    private static void assertDropped() {
        for (String url : URLS) {
            await().untilAsserted(() ->
                    assertThatThrownBy(() -> Sql.value(url, "SELECT 1")).hasMessageContaining("does not exist"));
        }
    }
}
