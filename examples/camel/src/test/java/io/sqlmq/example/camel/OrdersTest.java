package io.sqlmq.example.camel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class OrdersTest {

    @Test
    void eachOrderIsEitherShippedOrADeadLetterWithItsReason() throws Exception {
        Orders.Outcome outcome = Orders.run(100);
        assertThat(outcome.shipped()).isEqualTo(97);
        assertThat(outcome.halfDone()).isZero();
        assertThat(outcome.failures())
                .anyMatch(line -> line.startsWith("17,lead,") && line.endsWith("There is no lead"))
                .anyMatch(line -> line.startsWith("77,gold,") && line.endsWith("There is no gold"))
                .anyMatch(line -> line.startsWith("42,bread,many") && line.contains("NumberFormatException"))
                .hasSize(3);
    }
}
