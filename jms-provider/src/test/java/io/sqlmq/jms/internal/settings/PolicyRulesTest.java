package io.sqlmq.jms.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.SqlmqOptions;
import org.junit.jupiter.api.Test;

class PolicyRulesTest {
    @Test
    void thereIsOneDeadLetterQueueOrOneForEachQueue() {
        SqlmqOptions options = new SqlmqOptions();
        assertThat(PolicyRules.deadLetterQueueOf("orders", options)).isEqualTo("DLQ");
        options.setDeadLetterQueuePrefix("DLQ.");
        assertThat(PolicyRules.deadLetterQueueOf("orders", options)).isEqualTo("DLQ.orders");
    }
}
