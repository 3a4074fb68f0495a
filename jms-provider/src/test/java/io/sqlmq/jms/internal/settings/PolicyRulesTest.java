package io.sqlmq.jms.internal.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.FailureRules.Verdict;
import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import io.sqlmq.jms.RedeliveryPolicy;
import io.sqlmq.jms.SqlmqOptions;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PolicyRulesTest {

    private static final Content NOTHING = new Content(null, null, null, null, null);

    private final SqlmqOptions options = new SqlmqOptions();

    private PolicyRules rules(String queue, String policy) {
        options.setRedeliveryPolicy(RedeliveryPolicy.parse(policy));
        return new PolicyRules(queue, options);
    }

    private static Delivery.Row row(int failures, @Nullable String policy) {
        Headers headers = new Headers(null, null, null, null, null, policy, 2, null);
        return new Delivery.Row(
                new UUID(0, 1), "orders", true, 4, 1, 0, 0, 0, failures, failures, null, null, headers, NOTHING);
    }

    @Test
    void thereIsOneDeadLetterQueueOrOneForEachQueue() {
        assertThat(PolicyRules.deadLetterQueueOf("orders", options)).isEqualTo("DLQ");
        options.setDeadLetterQueuePrefix("DLQ.");
        assertThat(PolicyRules.deadLetterQueueOf("orders", options)).isEqualTo("DLQ.orders");
    }

    @Test
    void temporaryQueuesShareADeadLetterQueue() {
        options.setDeadLetterQueuePrefix("DLQ.");
        assertThat(PolicyRules.deadLetterQueueOf("sqlmq-temp:7:1", options)).isEqualTo("DLQ.sqlmq-temp");
    }

    /** To so few characters that they fit whatever they are, and never within one. */
    @Test
    void whatWouldBeTooLongANameIsCut() {
        options.setDeadLetterQueuePrefix("DLQ.");
        String fits = "q".repeat(251);
        assertThat(PolicyRules.deadLetterQueueOf(fits, options)).isEqualTo("DLQ." + fits);
        assertThat(PolicyRules.deadLetterQueueOf(fits + "q", options)).isEqualTo("DLQ." + "q".repeat(62));
        String faces = PolicyRules.deadLetterQueueOf("\uD83D\uDE00".repeat(63), options);
        assertThat(faces).isEqualTo("DLQ." + "\uD83D\uDE00".repeat(62));
        assertThat(faces.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(255);
    }

    @Test
    void aMessageIsRedeliveredAsOftenAsThePolicySaysAndThenParked() {
        PolicyRules rules = rules("orders", "maximumRedeliveries=2&redeliveryDelay=100");
        assertThat(rules.afterFailure(row(0, null))).isEqualTo(Verdict.retry(0));
        assertThat(rules.afterFailure(row(1, null))).isEqualTo(Verdict.retry(100));
        assertThat(rules.afterFailure(row(2, null))).isEqualTo(Verdict.deadLetter("DLQ", "delivery failed 3 times"));
        assertThat(rules.retriesForEver(row(0, null))).isFalse();
    }

    @Test
    void theMessagesOwnPolicyOverridesTheQueues() {
        PolicyRules rules = rules("orders", "maximumRedeliveries=2&redeliveryDelay=100");
        assertThat(rules.afterFailure(row(0, "maximumRedeliveries=0")).deadLetterChannel())
                .isEqualTo("DLQ");
        assertThat(rules.afterFailure(row(1, "maximumRedeliveries=5"))).isEqualTo(Verdict.retry(100));
        assertThat(rules.retriesForEver(row(0, "maximumRedeliveries=-1"))).isTrue();
        assertThat(rules.retriesForEver(row(0, "maximumRedeliveries=100"))).isTrue();
        assertThat(rules.retriesForEver(row(0, "maximumRedeliveries=99"))).isFalse();
        assertThat(rules.afterFailure(row(2, "no policy")).deadLetterChannel()).isEqualTo("DLQ");
    }

    @Test
    void differencesGoForAllMessages() {
        PolicyRules rules = rules("orders", "maximumRedeliveries=2");
        assertThat(rules.with("")).isSameAs(rules);
        assertThat(rules.with("maximumRedeliveries=0")
                        .afterFailure(row(0, null))
                        .deadLetterChannel())
                .isEqualTo("DLQ");
        assertThat(rules.with("maximumRedeliveries=0").isDeadLetterQueue()).isFalse();
    }

    @Test
    void deadLettersThatFailAgainStay() {
        PolicyRules rules = rules("DLQ", "maximumRedeliveries=0&initialRedeliveryDelay=70");
        assertThat(rules.isDeadLetterQueue()).isTrue();
        assertThat(rules.afterFailure(row(5, "redeliveryDelay=60&useExponentialBackOff=false")))
                .isEqualTo(Verdict.retry(60));
        assertThat(rules.retriesForEver(row(0, null))).isTrue();
        assertThat(rules.whenBodyIsMissing(row(0, null))).isEqualTo("DLQ");
        options.setDeadLetterQueuePrefix("DLQ.");
        assertThat(new PolicyRules("DLQ", options).isDeadLetterQueue()).isFalse();
        assertThat(new PolicyRules("DLQ.orders", options).isDeadLetterQueue()).isTrue();
    }

    @Test
    void expiredMessagesAreParkedIfTheOptionSaysSo() {
        assertThat(new PolicyRules("orders", options).whenExpired(row(0, null))).isNull();
        options.setDeadLetterExpired(true);
        assertThat(new PolicyRules("orders", options).whenExpired(row(0, null))).isEqualTo("DLQ");
        assertThat(new PolicyRules("DLQ", options).whenExpired(row(0, null))).isNull();
    }

    @Test
    void thePolicySaysWhoWaits() {
        for (boolean blocking : new boolean[] {true, false}) {
            PolicyRules rules =
                    rules("orders", "nonBlockingRedelivery=" + !blocking + "&groupsWaitForRedelivery=" + blocking);
            assertThat(rules.blocksWhileBackingOff()).isEqualTo(blocking);
            assertThat(rules.groupsWaitForRedelivery()).isEqualTo(blocking);
        }
    }
}
