package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RedeliveryPolicyTest {

    @Test
    void theDefaultIsAtOnceThenDoublingUpToFiveMinutes() {
        assertThat(IntStream.rangeClosed(1, 12).mapToLong(RedeliveryPolicy.DEFAULT::delayMillis))
                .containsExactly(
                        0L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 64_000L, 128_000L, 256_000L, 300_000L,
                        300_000L);
        assertThat(RedeliveryPolicy.DEFAULT.delayMillis(Integer.MAX_VALUE)).isEqualTo(300_000);
    }

    @Test
    void sixRedeliveriesThenTheDeadLetterQueue() {
        assertThat(RedeliveryPolicy.DEFAULT.isExhausted(6)).isFalse();
        assertThat(RedeliveryPolicy.DEFAULT.isExhausted(7)).isTrue();
        RedeliveryPolicy unlimited =
                RedeliveryPolicy.builder().maximumRedeliveries(-1).build();
        assertThat(unlimited.isExhausted(Integer.MAX_VALUE)).isFalse();
        RedeliveryPolicy none =
                RedeliveryPolicy.builder().maximumRedeliveries(0).build();
        assertThat(none.isExhausted(1)).isTrue();
    }

    @Test
    void withoutBackOffTheDelayStays() {
        RedeliveryPolicy policy = RedeliveryPolicy.builder()
                .initialRedeliveryDelay(7)
                .redeliveryDelay(600_000)
                .useExponentialBackOff(false)
                .build();
        assertThat(IntStream.rangeClosed(1, 3).mapToLong(policy::delayMillis)).containsExactly(7L, 600_000L, 600_000L);
    }

    @Test
    void collisionAvoidanceVariesTheDelayByItsFactorUpAndDown() {
        RedeliveryPolicy policy = RedeliveryPolicy.builder()
                .useCollisionAvoidance(true)
                .collisionAvoidanceFactor(0.2)
                .build();
        assertThat(policy.delayMillis(2, () -> 0.0)).isEqualTo(800);
        assertThat(policy.delayMillis(2, () -> 0.5)).isEqualTo(1000);
        assertThat(policy.delayMillis(2, () -> 0.75)).isEqualTo(1100);
        assertThat(policy.delayMillis(1, () -> 0.75)).isZero();
        assertThat(policy.delayMillis(2)).isBetween(800L, 1200L);
        assertThat(IntStream.range(0, 50).mapToLong(i -> policy.delayMillis(2)).distinct())
                .hasSizeGreaterThan(1);
    }

    @Test
    void theTextFormSurvives() {
        RedeliveryPolicy policy =
                RedeliveryPolicy.parse("maximumRedeliveries=2&redeliveryDelay=500&backOffMultiplier=3");
        assertThat(policy.maximumRedeliveries()).isEqualTo(2);
        assertThat(policy.redeliveryDelay()).isEqualTo(500);
        assertThat(policy.initialRedeliveryDelay()).isZero();
        assertThat(RedeliveryPolicy.parse(policy.format())).isEqualTo(policy).hasSameHashCodeAs(policy);
        assertThat(policy).hasToString(policy.format());
        assertThat(RedeliveryPolicy.parse("")).isEqualTo(RedeliveryPolicy.DEFAULT);
        assertThat(policy.with("redeliveryDelay=9"))
                .isEqualTo(policy.toBuilder().redeliveryDelay(9).build())
                .isNotEqualTo(policy);
    }

    @Test
    void delaysMayBeginWithTheLongest() {
        RedeliveryPolicy policy = RedeliveryPolicy.parse("redeliveryDelay=10&maximumRedeliveryDelay=10");
        assertThat(IntStream.rangeClosed(2, 4).mapToLong(policy::delayMillis)).containsOnly(10L);
    }

    @Test
    void textThatIsNoPolicyIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedeliveryPolicy.parse("maximumRedelivery=2"))
                .withMessageContaining("did you mean \"maximumRedeliveries\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedeliveryPolicy.parse("schema=x"))
                .withMessageContaining("no option \"schema\"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedeliveryPolicy.parse("often"))
                .withMessageContaining("name=value");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedeliveryPolicy.parse("redeliveryDelay=10&maximumRedeliveryDelay=5"))
                .withMessageContaining("maximumRedeliveryDelay");
    }

    @Test
    void whatAMessageSaysIsCutWhereItIsTooLarge() {
        RedeliveryPolicy cut = RedeliveryPolicy.DEFAULT.with(
                "maximumRedeliveries=2147483646&redeliveryDelay=3155760000000&maximumRedeliveryDelay=3155760000000");
        assertThat(cut.maximumRedeliveries()).isEqualTo(1_000_000);
        assertThat(cut.redeliveryDelay()).isEqualTo(Integer.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> RedeliveryPolicy.DEFAULT.with("maximumRedeliveries=-2"));
        assertThatIllegalArgumentException().isThrownBy(() -> RedeliveryPolicy.parse("maximumRedeliveries=1000001"));
    }
}
