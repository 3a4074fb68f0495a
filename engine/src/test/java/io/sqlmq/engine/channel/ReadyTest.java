package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What one process tells another of committed messages. */
class ReadyTest {

    private final Set<Long> told = new HashSet<>();

    private static Ready ready(boolean inUnlogged, UUID... messages) {
        Ready ready = new Ready();
        Stream.of(messages).forEach(message -> ready.add(message, inUnlogged));
        return ready;
    }

    private List<Ready> heard() {
        return told.stream()
                .map(code -> Objects.requireNonNull(Ready.heard(code)))
                .toList();
    }

    /** Older processes look for what is due when a number is negative. */
    @Test
    void fewAreToldEach() {
        for (UUID message : List.of(new UUID(0, 0), new UUID(-1, -1), UUID.randomUUID())) {
            for (boolean inUnlogged : new boolean[] {false, true}) {
                told.clear();
                assertThat(ready(inUnlogged, message).addTo(told)).isTrue();
                assertThat(told)
                        .singleElement()
                        .satisfies(code -> assertThat(code).isLessThan(Notifier.LATER));
                Ready heard = heard().get(0);
                assertThat(inUnlogged ? heard.unlogged() : heard.logged()).containsExactly(Ready.mark(message));
                assertThat(inUnlogged ? heard.logged() : heard.unlogged()).isEmpty();
                assertThat(heard.isCountKnown()).isTrue();
                assertThat(heard.count()).isEqualTo(1);
            }
        }
    }

    @Test
    void ofManyItIsToldInWhichTableTheyAre() {
        UUID unlogged = UUID.randomUUID();
        ready(true, unlogged).addTo(told);
        for (int i = 0; i < 100; i++) {
            ready(false, UUID.randomUUID()).addTo(told);
        }
        assertThat(told).hasSize(2);
        assertThat(heard()).anySatisfy(some -> {
            assertThat(some.logged()).isNull();
            assertThat(some.unlogged()).isEmpty();
            assertThat(some.isCountKnown()).isFalse();
        });
        assertThat(heard()).anySatisfy(one -> assertThat(one.unlogged()).containsExactly(Ready.mark(unlogged)));
        assertThat(ready(false, UUID.randomUUID()).addTo(told)).as("news").isFalse();
        assertThat(ready(true, UUID.randomUUID()).addTo(told)).isTrue();
    }

    @Test
    void nothingIsNoNews() {
        assertThat(new Ready().addTo(told)).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void allElseIsSomethingElse() {
        assertThat(Ready.heard(0)).isNull();
        assertThat(Ready.heard(1_000)).isNull();
        assertThat(Ready.heard(Notifier.LATER)).isNull();
    }
}
