package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AnnouncedTest {

    private final Announced announced = new Announced();
    private final long first = 1;
    private final long second = 2;

    @Test
    void nothingIsKnownBeforeALook() {
        assertThat(announced.isNothingLeft()).isFalse();
        announced.add(List.of(first), false, 2);
        announced.handedOver(first);
        assertThat(announced.isNothingLeft()).isFalse();
        assertThat(announced.isFewLeft()).isFalse();
    }

    @Test
    void whatIsHandedOverIsNotLeft() {
        assertThat(announced.foundEmpty(1)).isTrue();
        assertThat(announced.isNothingLeft()).isTrue();
        announced.add(List.of(first, second), false, 2);
        assertThat(announced.isFewLeft()).isTrue();
        announced.handedOver(second);
        assertThat(announced.isNothingLeft()).isFalse();
        announced.handedOver(first);
        assertThat(announced.isNothingLeft()).isTrue();
    }

    @Test
    void aMessageMayBeHandedOverBeforeItIsAnnounced() {
        announced.foundEmpty(1);
        announced.handedOver(first);
        announced.add(List.of(first), false, 2);
        assertThat(announced.isNothingLeft()).isTrue();
        announced.add(List.of(first), false, 3);
        assertThat(announced.isNothingLeft()).as("once, though").isFalse();
    }

    @Test
    void anythingElseNeedsALookThatBeginsAfterIt() {
        announced.foundEmpty(1);
        announced.addUnknown(2);
        assertThat(announced.isNothingLeft()).isFalse();
        assertThat(announced.foundEmpty(1)).isFalse();
        assertThat(announced.isNothingLeft()).isFalse();
        assertThat(announced.foundEmpty(2)).isTrue();
        assertThat(announced.isNothingLeft()).isTrue();
    }

    @Test
    void aLookSaysNothingOfWhatCameAfterItBegan() {
        announced.add(List.of(first), false, 2);
        announced.add(List.of(second), false, 3);
        announced.foundEmpty(2);
        assertThat(announced.isFewLeft()).isTrue();
        announced.handedOver(second);
        assertThat(announced.isNothingLeft()).as("others took the first").isTrue();
    }

    /** What is handed over and comes again is told as something that nobody knows. */
    @Test
    void whatWasHandedOverEarlyIsForgottenWithEverythingElse() {
        announced.foundEmpty(1);
        announced.handedOver(first);
        announced.addUnknown(2);
        announced.foundEmpty(2);
        announced.add(List.of(first), false, 3);
        assertThat(announced.isNothingLeft()).isFalse();
    }

    @Test
    void ofManyItIsForgottenWhichTheyWere() {
        announced.foundEmpty(1);
        for (int i = 0; i < 1_000; i++) {
            announced.add(List.of(100L + i), false, 2 + i);
        }
        announced.add(List.of(first), false, 1_002);
        announced.handedOver(first);
        assertThat(announced.isNothingLeft()).isFalse();
        announced.foundEmpty(1_002);
        assertThat(announced.isNothingLeft()).isTrue();
    }

    @Test
    void ofManyItIsKnownInWhichTableTheyAre() {
        announced.foundEmpty(1);
        announced.add(null, false, 2);
        announced.add(List.of(first), false, 3);
        assertThat(announced.isFewLeft()).isFalse();
        assertThat(announced.isOnlyTheseLeft(false)).isTrue();
        announced.handedOver(first);
        assertThat(announced.isOnlyTheseLeft(false)).isTrue();
        announced.add(null, true, 4);
        assertThat(announced.isOnlyTheseLeft(false)).isFalse();
        assertThat(announced.isOnlyTheseLeft(true)).isFalse();
        announced.foundEmpty(3);
        assertThat(announced.isOnlyTheseLeft(true)).isTrue();
        announced.addUnknown(5);
        assertThat(announced.isOnlyTheseLeft(true)).isFalse();
        announced.foundEmpty(5);
        assertThat(announced.isNothingLeft()).isTrue();
    }

    @Test
    void itIsKnownInWhichTableTheyAre() {
        announced.foundEmpty(1);
        announced.add(List.of(first), true, 2);
        assertThat(announced.isOnlyTheseLeft(true)).isTrue();
        assertThat(announced.isOnlyTheseLeft(false)).isFalse();
        announced.add(List.of(second), false, 3);
        assertThat(announced.isFewLeft()).isTrue();
        assertThat(announced.isOnlyTheseLeft(true)).isFalse();
        announced.handedOver(first);
        assertThat(announced.isOnlyTheseLeft(false)).isTrue();
        announced.add(List.of(first), true, 4);
        announced.foundEmpty(3);
        assertThat(announced.isOnlyTheseLeft(true)).isTrue();
        announced.addUnknown(5);
        assertThat(announced.isOnlyTheseLeft(true)).isFalse();
        announced.foundEmpty(5);
        announced.add(List.of(second), false, 6);
        assertThat(announced.isOnlyTheseLeft(false)).isTrue();
    }
}
