package io.sqlmq.selector;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What selectors mean: §3.8.1.1 and the three-valued logic of §3.8.1.2. */
class SelectorMatchTest {
    private static final SampleMessage MESSAGE = SampleMessage.EMPTY
            .with("yes", true)
            .with("no", false)
            .with("one", 1)
            .with("two", (byte) 2)
            .with("seven", (short) 7)
            .with("max", Long.MAX_VALUE)
            .with("half", 0.5)
            .with("tenth", 0.1f)
            .with("nan", Double.NaN)
            .with("infinite", Float.POSITIVE_INFINITY)
            .with("colour", "red")
            .with("digits", "2")
            .with("path", "100%_a")
            .with("faces", "😀😀")
            .with("nul", "a\0b")
            .with("firstSurrogate", String.valueOf(Character.MIN_SURROGATE))
            .with("lastSurrogate", String.valueOf(Character.MAX_SURROGATE))
            .with("neighbours", "\uD7FF\uE000")
            .withHeaders("c-1", "order")
            .withBody("{\"customer\": {\"country\": \"FR\", \"vip\": true}, \"items\": [{\"n\": 12}], \"none\": null}");

    private static @Nullable Boolean evaluate(String selector) throws SelectorSyntaxException {
        return Selector.parse(selector).evaluate(MESSAGE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "unknown", textBlock = """
            yes AND yes                            | true
            yes AND no                             | false
            yes AND x                              | unknown
            no AND x                               | false
            x AND x                                | unknown
            yes OR x                               | true
            no OR x                                | unknown
            no OR no                               | false
            x OR x                                 | unknown
            NOT x                                  | unknown
            NOT no                                 | true
            x = 1                                  | unknown
            x <> 1                                 | unknown
            x = x                                  | unknown
            x BETWEEN 1 AND 2                      | unknown
            one BETWEEN x AND 0                    | false
            x IN ('a')                             | unknown
            x NOT IN ('a')                         | unknown
            x LIKE '%'                             | unknown
            x IS NULL                              | true
            x IS NOT NULL                          | false
            colour IS NULL                         | false
            x + 1 = 1                              | unknown
            """)
    void followsThreeValuedLogic(String selector, @Nullable Boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "unknown", textBlock = """
            digits = 2                             | false
            digits <> 2                            | false
            digits > 1                             | false
            digits + 0 = 2                         | unknown
            digits BETWEEN 1 AND 3                 | false
            digits NOT BETWEEN 3 AND 4             | false
            one = TRUE                             | false
            yes = 'true'                           | false
            one LIKE '1'                           | unknown
            one NOT LIKE '1'                       | unknown
            one IN ('1')                           | unknown
            one NOT IN ('2')                       | unknown
            colour                                 | unknown
            yes = TRUE                             | true
            yes <> no                              | true
            nul = nul                              | true
            nul <> 'x'                             | true
            nul IS NULL                            | false
            nul NOT IN ('x')                       | true
            nul LIKE '%'                           | unknown
            """)
    void doesNotConvertBetweenTypes(String selector, @Nullable Boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "unknown", textBlock = """
            two = 2.0                              | true
            seven / two = 3                        | true
            -seven / two = -3                      | true
            seven / 2.0 = 3.5                      | true
            seven - two * 3 = one                  | true
            (seven - two) * 3 = 15                 | true
            -(half) < 0                            | true
            -(one) = 0 - one                       | true
            -(colour) IS NULL                      | true
            max + 1 > max                          | true
            max + 1 = 9223372036854775808.0        | true
            max = 9223372036854775806              | false
            max = 9223372036854775807.0            | true
            one / 0 = 1                            | unknown
            half / 0 = 1                           | unknown
            tenth = 0.1                            | false
            tenth = 0.1f                           | true
            nan = nan                              | false
            nan <> nan                             | true
            nan < 1                                | false
            NOT nan < 1                            | true
            infinite > max                         | true
            infinite - infinite <> 0               | true
            1e200 * 1e200 > 1                      | unknown
            8e307 - 8e307 = 0                      | true
            8.1e307 - 1.0 > 0                      | unknown
            1e150 * 1.0 = 1e150                    | true
            1.1e150 * 1.0 > 0                      | unknown
            1e-150 / 1.0 = 1e-150                  | true
            0.9e-150 / 1.0 > 0                     | unknown
            seven BETWEEN two AND 7                | true
            seven NOT BETWEEN 8 AND 9              | true
            """)
    void computesWithIntegersAndDoubles(String selector, @Nullable Boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            two < 1                                | false
            two < 2                                | false
            two < 3                                | true
            two <= 1                               | false
            two <= 2                               | true
            two <= 3                               | true
            two > 1                                | true
            two > 2                                | false
            two > 3                                | false
            two >= 1                               | true
            two >= 2                               | true
            two >= 3                               | false
            two = 1                                | false
            two = 2                                | true
            two = 3                                | false
            two <> 1                               | true
            two <> 2                               | false
            two <> 3                               | true
            half < 0.25                            | false
            half < 0.5                             | false
            half < 0.75                            | true
            half <= 0.25                           | false
            half <= 0.5                            | true
            half <= 0.75                           | true
            half > 0.25                            | true
            half > 0.5                             | false
            half > 0.75                            | false
            half >= 0.25                           | true
            half >= 0.5                            | true
            half >= 0.75                           | false
            half = 0.25                            | false
            half = 0.5                             | true
            half = 0.75                            | false
            half <> 0.25                           | true
            half <> 0.5                            | false
            half <> 0.75                           | true
            half + 1 = 1.5                         | true
            half - 1 = -0.5                        | true
            half * 3 = 1.5                         | true
            half / 2 = 0.25                        | true
            half * 0.0 = 0                         | true
            """)
    void comparesAndComputes(String selector, boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    /** What PostgreSQL would have to store in another form is no plain text; its neighbours are. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "unknown", textBlock = """
            firstSurrogate LIKE '_'                | unknown
            lastSurrogate LIKE '_'                 | unknown
            neighbours LIKE '__'                   | true
            """)
    void comparesNoHalvesOfCharacters(String selector, @Nullable Boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            colour LIKE 'r%'                       | true
            colour LIKE 'R%'                       | false
            colour LIKE '_e_'                      | true
            colour LIKE '__'                       | false
            colour LIKE '%'                        | true
            colour LIKE '%e%d%'                    | true
            colour LIKE '%d%e%'                    | false
            colour LIKE ''                         | false
            faces LIKE '__'                        | true
            faces LIKE '_'                         | false
            path LIKE '100!%!_a' ESCAPE '!'        | true
            path LIKE '100!%a' ESCAPE '!'          | false
            path LIKE '100%%%_a' ESCAPE '%'        | true
            path LIKE '%!a' ESCAPE '!'             | true
            colour NOT LIKE 'r%'                   | false
            colour IN ('blue', 'red')              | true
            colour NOT IN ('blue')                 | true
            colour = 'RED'                         | false
            """)
    void comparesStringsAndPatterns(String selector, boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', nullValues = "unknown", textBlock = """
            JMSPriority = 4                        | true
            JMSDeliveryMode = 'PERSISTENT'         | true
            JMSDeliveryMode IN ('NON_PERSISTENT')  | false
            JMSTimestamp > 1600000000000           | true
            JMSCorrelationID = 'c-1'               | true
            JMSType LIKE 'ord%'                    | true
            JMSMessageID LIKE 'ID:%'               | true
            JMS_SQLMQ_JSON$customer$country = 'FR' | true
            JMS_SQLMQ_JSON$customer$vip            | true
            JMS_SQLMQ_JSON$items$0$n > 10          | true
            JMS_SQLMQ_JSON$items$1$n > 10          | unknown
            JMS_SQLMQ_JSON$none IS NULL            | true
            JMS_SQLMQ_JSON$customer IS NULL        | false
            JMS_SQLMQ_JSON$customer = 'FR'         | false
            """)
    void looksAtHeadersAndJsonBodies(String selector, @Nullable Boolean expected) throws SelectorSyntaxException {
        assertThat(evaluate(selector)).isEqualTo(expected);
    }

    @Test
    void selectsOnlyWhatIsTrue() throws SelectorSyntaxException {
        assertThat(Selector.parse("yes").matches(MESSAGE)).isTrue();
        assertThat(Selector.parse("no").matches(MESSAGE)).isFalse();
        assertThat(Selector.parse("unknown").matches(MESSAGE)).isFalse();
    }

    /** A pattern that makes a backtracking matcher try every partition of the value. */
    @Test
    void patternsTakeNoExponentialTime() throws SelectorSyntaxException {
        SampleMessage message = MESSAGE.with("long", "a".repeat(20_000));

        assertThat(Selector.parse("long LIKE '" + "%a".repeat(50) + "%b'").matches(message))
                .isFalse();
    }
}
