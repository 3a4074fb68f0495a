package io.sqlmq.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleOrdersTest {

    @Test
    void theSampleThatShipsIsWhatTheGeneratorMakes() throws IOException {
        assertThat(Quickstart.sample()).hasSizeGreaterThanOrEqualTo(1_000).isEqualTo(SampleOrders.lines(2_000));
    }

    @Test
    void exactlyTheOrdersCalledBadAreBad() {
        assertThat(SampleOrders.lines(500))
                .satisfies(lines -> assertThat(IntStream.rangeClosed(1, 500)
                                .filter(number -> lines.get(number - 1).matches(".*(\"XX-|\"quantity\":-).*"))
                                .boxed())
                        .hasSize(10)
                        .allMatch(SampleOrders::isBad));
    }
}
