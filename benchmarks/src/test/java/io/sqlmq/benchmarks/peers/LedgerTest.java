package io.sqlmq.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is lost, doubled and reordered is found, or the numbers would be of a broken provider. */
class LedgerTest {

    @Test
    void findsWhatNeverCame() {
        Ledger ledger = received(Ledger.ordered(1, true), 0, 0, 0, 2);

        assertThat(ledger.lost(List.of(3L, 4L)))
                .as("1 of the first producer, all of the second")
                .isEqualTo(5);
        assertThat(ledger.doubled()).isZero();
        assertThat(ledger.reordered()).isZero();
    }

    @Test
    void findsWhatCameTwiceToOneConsumerOrToTwo() {
        Ledger ledger = received(Ledger.ordered(1, true), 0, 0, 0, 0);
        ledger.addAll(received(Ledger.ordered(1, true), 0, 0, 0, 1));

        assertThat(ledger.doubled()).isEqualTo(2);
        assertThat(ledger.lost(List.of(2L))).isZero();
    }

    @Test
    void findsWhatCameAfterALaterOneOfItsProducer() {
        assertThat(received(Ledger.ordered(1, true), 0, 1, 0, 0).reordered()).isEqualTo(1);
        assertThat(received(Ledger.ordered(1, true), 0, 1, 1, 0).reordered())
                .as("another producer's")
                .isZero();
        assertThat(received(Ledger.ordered(2, true), 0, 1, 0, 0).reordered())
                .as("another priority's")
                .isZero();
        assertThat(received(Ledger.unordered(), 0, 1, 0, 0).reordered()).isZero();
        assertThat(received(Ledger.ordered(1, false), 0, 1, 0, 0).reordered()).isZero();
        assertThat(received(Ledger.ordered(1, false), 0, 1, 0, 0).overtaken()).isEqualTo(1);
    }

    /** Producer, number, producer, number. */
    private static Ledger received(Ledger ledger, int... stamps) {
        for (int i = 0; i < stamps.length; i += 2) {
            ledger.add(Stamp.of(new Stamp(1, stamps[i], stamps[i + 1], 5).text("-".repeat(100))));
        }
        return ledger;
    }
}
