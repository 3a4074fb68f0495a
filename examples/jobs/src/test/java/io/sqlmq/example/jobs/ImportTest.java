package io.sqlmq.example.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ImportTest {

    @Test
    void anImportGoesOnInAnotherProcessWhereTheFirstWasKilled() throws Exception {
        Import.Outcome outcome = Import.run();
        assertThat(outcome.rows()).isEqualTo(400);
        assertThat(outcome.resumedAt()).isGreaterThanOrEqualTo(100);
        assertThat(outcome.news()).containsExactlyInAnyOrder("coffee", "tea");
        assertThat(outcome.cancelled()).isZero();
    }
}
