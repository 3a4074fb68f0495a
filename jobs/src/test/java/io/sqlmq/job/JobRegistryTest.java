package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a registry takes and refuses, without a database. */
class JobRegistryTest {
    private final JobRegistry registry = new JobRegistry();

    interface Implementing {
        @Job
        default void implemented() {}
    }

    static class Base implements Implementing {
        @Job(channel = "foo", retries = 3, backoff = "2s", ordered = true, priority = 7, maxBackoff = "1h")
        void inherited() {}
    }

    static final class Derived extends Base {
        @Job(name = "named")
        void own(CurrentJob job, String payload, byte[] bytes) {}
    }

    @Test
    void annotatedMethodsAreFoundInheritedOnesToo() {
        registry.register(new Derived());
        assertThat(registry.options("inherited"))
                .isEqualTo(new JobOptions("inherited", "foo", 3, Duration.ofSeconds(2), Duration.ofHours(1), true, 7));
        assertThat(registry.options("named")).isEqualTo(JobOptions.named("named"));
        assertThat(registry.handler("implemented")).isNotNull();
        assertThat(registry.channels()).containsExactly("foo", "jobs");
        registry.check();
    }

    @Test
    void namesAreTakenOnce() {
        registry.handler("named", job -> {});
        assertThatThrownBy(() -> registry.register(new Derived()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"named\"");
    }

    @Test
    void whatHasNoJobsIsRefused() {
        assertThatThrownBy(() -> registry.register("text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no method with @Job");
    }

    @Test
    void aClassHasStaticMethods() {
        assertThatThrownBy(() -> registry.register(Derived.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not static");
    }

    static final class Wrong {
        @Job(backoff = "2 weeks")
        void job() {}
    }

    @Test
    void anImpossibleValueIsToldWithItsMethod() {
        assertThatThrownBy(() -> registry.register(new Wrong()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Wrong.job()")
                .hasMessageContaining("\"2 weeks\" is no duration");
    }

    static final class TwoPayloads {
        @Job
        void job(Integer first, String second) {}
    }

    @Test
    void oneParameterCanBeThePayload() {
        registry.register(new TwoPayloads());
        assertThatThrownBy(registry::check)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("context(…)");
        registry.context("text").check();
    }

    @Test
    void contextObjectsAreFoundByAnyTypeTheyHave() {
        registry.context("text");
        assertThat(registry.findContext(CharSequence.class)).isEqualTo("text");
        registry.context(java.nio.CharBuffer.wrap("other"));
        assertThatThrownBy(() -> registry.findContext(CharSequence.class)).isInstanceOf(JobException.class);
        registry.context(CharSequence.class, "meant");
        assertThat(registry.findContext(CharSequence.class)).isEqualTo("meant");
        assertThat(registry.findContext(Integer.class)).isNull();
    }

    @Test
    void retriesAreWrittenAsARedeliveryPolicyAndCheckpointsAddToThem() {
        String policy = Retries.of(JobOptions.named("x").retries(3).backoff(Duration.ofMinutes(4)));
        assertThat(policy)
                .isEqualTo("maximumRedeliveries=3&initialRedeliveryDelay=240000&redeliveryDelay=300000"
                        + "&maximumRedeliveryDelay=300000");
        assertThat(Retries.more(policy, 2)).startsWith("maximumRedeliveries=5&initial");
        assertThat(Retries.more(policy, 0)).isNull();
        assertThat(Retries.more("redeliveryDelay=1", 2)).isNull();
    }
}
