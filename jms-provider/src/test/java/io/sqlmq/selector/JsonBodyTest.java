package io.sqlmq.selector;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of jsonb, at which a body in memory has to be what it is in PostgreSQL. */
class JsonBodyTest {

    private static @Nullable Value number(String number) {
        return JsonBody.of("[true, " + number + "]").field(List.of("1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "1000",
                "999999999999999999",
                "9223372036854775807",
                "-9223372036854775808",
            })
    void integersOfALongAreExact(String number) {
        assertThat(number(number)).isEqualTo(new Value.Exact(new BigInteger(number)));
    }

    @Test
    void integersMayBeWrittenWithAnExponent() {
        assertThat(number("12e17")).isEqualTo(new Value.Exact(new BigInteger("1200000000000000000")));
        assertThat(number("0e200000")).isEqualTo(new Value.Exact(BigInteger.ZERO));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0",
                "1.0",
                "-1.5",
                "9223372036854775808",
                "-9223372036854775809",
                "12345678901234567890",
                "4.9e-324",
                "-4.9e-324",
                "1.7976931348623157e308",
                "-1.7976931348623157e308",
            })
    void otherNumbersOfADoubleAreApproximate(String number) {
        assertThat(number(number)).isEqualTo(new Value.Approximate(Double.parseDouble(number)));
    }

    /** They are in the body, and are compared with nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"4.8e-324", "-4.8e-324", "1.7976931348623158e308", "1e131071", "1e-16383"})
    void numbersBeyondADoubleAreThere(String number) {
        assertThat(number(number)).isEqualTo(Value.Opaque.INSTANCE);
    }

    /** What jsonb refuses is no JSON body at all. */
    @ParameterizedTest
    @ValueSource(strings = {"1e131072", "-1e131072", "1e-16384", "0e-16384"})
    void numbersBeyondNumericSpoilTheBody(String number) {
        assertThat(JsonBody.of("[true, " + number + "]").field(List.of("0"))).isNull();
        assertThat(JsonBody.of("[true, 1]").field(List.of("0"))).isEqualTo(new Value.Bool(true));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {"0, a", "9, j", "09, j", "10, none", "-0, none", "+0, none", "4294967296, none"})
    void elementsHaveIndexesOfDigits(String index, @Nullable String expected) {
        Value element = JsonBody.of("[\"a\", 1, 2, 3, 4, 5, 6, 7, 8, \"j\"]").field(List.of(index));
        assertThat(element).isEqualTo(expected == null ? null : new Value.Text(expected));
    }
}
