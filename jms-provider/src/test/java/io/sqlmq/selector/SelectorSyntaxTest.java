package io.sqlmq.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a selector may look like: §3.8.1.1. */
class SelectorSyntaxTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            a = 1 or b = 2 and c = 3        | a = 1 OR b = 2 AND c = 3
            (a = 1 or b = 2) and c = 3      | (a = 1 OR b = 2) AND c = 3
            (a = 1 and b = 2) or c = 3      | a = 1 AND b = 2 OR c = 3
            not a = 1 and b = 2             | NOT a = 1 AND b = 2
            not (a = 1 and b = 2)           | NOT (a = 1 AND b = 2)
            not not a                       | NOT NOT a
            a + b * c - d / -e = 0          | a + b * c - d / -e = 0
            (a + b) * (c - (d - e)) = 0     | (a + b) * (c - (d - e)) = 0
            a / (b * c) = (a * b) / c       | a / (b * c) = a * b / c
            ((a)) = ((1))                   | a = 1
            - - a > -(3)                    | --a > -(3)
            +a > +3                         | 0 + a > 3
            age between 15 and 19           | age BETWEEN 15 AND 19
            age NOT BETWEEN 15 AND a + 1    | age < 15 OR age > a + 1
            a AND b NOT BETWEEN 1 AND 2     | a AND (b < 1 OR b > 2)
            c in ('UK','US')                | c IN ('UK', 'US')
            c Not In ('UK')                 | NOT c IN ('UK')
            c like '12%3'                   | c LIKE '12%3'
            c not like '!_%' escape '!'     | NOT c LIKE '!_%' ESCAPE '!'
            c is null                       | c IS NULL
            c IS NOT NULL                   | NOT c IS NULL
            tRue                            | TRUE
            flag AND False                  | flag AND FALSE
            flag <> TRUE                    | flag <> TRUE
            a=1 OR(b<=2)                    | a = 1 OR b <= 2
            'it''s' = ''                    | 'it''s' = ''
            $_ö1 = _$                       | $_ö1 = _$
            """)
    void readsTheGrammar(String text, String canonical) throws SelectorSyntaxException {
        assertThat(Selector.parse(text)).hasToString(canonical);
    }

    @Test
    void allowsSpacesTabsFormFeedsAndLineEndsBetweenTokens() throws SelectorSyntaxException {
        assertThat(Selector.parse("\t a\f=\r\n'x\t y' ")).hasToString("a = 'x\t y'");
        assertThatThrownBy(() -> Selector.parse("a\u00a0= 1")).isInstanceOf(SelectorSyntaxException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "57, 57",
        "-957, -957",
        "+62, 62",
        "57L, 57",
        "57l, 57",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808",
        "0x1f, 31",
        "0XFFFFFFFF, 4294967295",
        "017, 15",
        "0b101, 5",
        "1_000, 1000",
        "0, 0",
        "7., 7.0",
        ".5, 0.5",
        "-95.7, -95.7",
        "+6.2, 6.2",
        "7E3, 7000.0",
        "-57.9E2, -5790.0",
        "1.e-2, 0.01",
        "5d, 5.0",
        "0.1f, 0.10000000149011612",
        "0x1.8p1, 3.0",
        "09.5, 9.5"
    })
    void readsNumbersAsJavaDoes(String literal, String canonical) throws SelectorSyntaxException {
        assertThat(Selector.parse("a = " + literal)).hasToString("a = " + canonical);
    }

    /** However large it is, a selector is refused as one, on a thread with a small stack too. */
    @Tag("stack")
    @ParameterizedTest
    @ValueSource(ints = {60, 4_000, 12_000})
    void whatIsNestedTooDeepIsASyntaxError(int levels) throws InterruptedException {
        List<String> selectors = List.of(
                "a" + " + a".repeat(levels) + " = 1",
                "a" + " - 1".repeat(levels) + " = 1",
                "a" + " * a".repeat(levels) + " = 1",
                "a" + " / 2".repeat(levels) + " > 1",
                "1 = a" + " + a * a".repeat(levels),
                "a BETWEEN 1 AND b" + " + 1".repeat(levels),
                "- ".repeat(levels) + "a = 1",
                "a = " + "+ ".repeat(levels) + "b",
                "(".repeat(4 * levels) + "a = 1" + ")".repeat(4 * levels),
                "NOT ".repeat(4 * levels) + "a",
                "NOT (".repeat(4 * levels) + "a" + ")".repeat(4 * levels),
                "(a OR ".repeat(4 * levels) + "b" + ")".repeat(4 * levels));
        Map<String, Throwable> outcomes = new LinkedHashMap<>();
        Thread small = new Thread(
                null,
                () -> {
                    for (String selector : selectors) {
                        try {
                            Selector.parse(selector);
                        } catch (Throwable e) {
                            outcomes.put(selector, e);
                        }
                    }
                },
                "small stack",
                512 << 10);
        small.start();
        small.join();

        assertThat(outcomes.keySet()).containsExactlyElementsOf(selectors);
        assertThat(outcomes.values()).hasOnlyElementsOfType(SelectorSyntaxException.class);
    }

    /** How many frames fit is the thread's and the JVM's affair: too few of them are not the end of the thread. */
    @Tag("stack")
    @Test
    void aStackThatIsTooSmallIsASyntaxErrorAtMost() throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        Thread small = new Thread(
                null,
                () -> {
                    for (int i = 0; i < 20; i++) {
                        try {
                            Selector.parse("(".repeat(200) + "a = 1" + ")".repeat(200));
                        } catch (Throwable e) {
                            failures.add(e);
                        }
                    }
                },
                "tiny stack",
                200 << 10);
        small.start();
        small.join();
        assertThat(failures)
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(SelectorSyntaxException.class)
                        .hasMessageContaining("stack of this thread"));
    }

    /** The position is that of the offending token. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            a =                             |  3
            3 + 5                           |  0
            a AND 3 + 5                     |  6
            'x'                             |  0
            = 1                             |  0
            NULL = a                        |  0
            a = NULL                        |  4
            TRUE > 0                        |  0
            BETWEEN > 0                     |  0
            IN > 0                          |  0
            IS > 0                          |  0
            ESCAPE > 0                      |  0
            NOT > 0                         |  4
            1uncorrect IS NULL              |  0
            %uncorrect IS NULL              |  0
            a = b = c                       |  6
            a = 1 AMD b = 2                 |  6
            (a = 1                          |  6
            a = 1)                          |  5
            a != 1                          |  2
            a == 1                          |  3
            a = "x"                         |  4
            a = 'x                          |  4
            a = 08                          |  4
            a = .                           |  4
            a = 1x                          |  4
            a = 1..2                        |  4
            a = 0x                          |  4
            a = 9223372036854775808         |  4
            a = 0x8000000000000000          |  4
            a = 1e400                       |  4
            a = 0x.p1                       |  4
            a + 'x' = 'yx'                  |  4
            -'x' = a                        |  1
            TRUE * 2 = a                    |  0
            TRUE = 0                        |  0
            a AND '1' <> 1                  |  6
            'true' = TRUE                   |  0
            a + 1 = 'x'                     |  0
            a > 'x'                         |  4
            'x' <= a                        |  0
            a < TRUE                        |  4
            a BETWEEN 'a' AND 'b'           | 10
            a BETWEEN 1 OR 2                | 12
            a NOT 'x'                       |  6
            a NOT = 1                       |  6
            a LIKE 5                        |  7
            a LIKE b                        |  7
            5 LIKE 'x'                      |  0
            a LIKE 'x' ESCAPE 'xy'          | 18
            a LIKE 'x' ESCAPE ''            | 18
            a LIKE 'x!' ESCAPE '!'          |  7
            a IN ()                         |  6
            a IN 'x'                        |  5
            a IN ('x', 5)                   | 11
            a IN ('x' 'y')                  | 10
            a + 1 IN ('x')                  |  0
            a IS 5                          |  5
            a IS NOT 5                      |  9
            (a = 1) = TRUE                  |  0
            (a = 1) + 1 = 2                 |  0
            JMSDestination = 'x'            |  0
            JMSReplyTo IS NULL              |  0
            JMSExpiration > 0               |  0
            JMSRedelivered                  |  0
            a.b = 1                         |  1
            JMS_SQLMQ_JSON$ = 1             |  0
            JMS_SQLMQ_JSON$a$$b = 1         |  0
            a = 1; DROP TABLE mq_msgs       |  5
            """)
    void refusesWhatIsNoSelectorAndSaysWhere(String text, int position) {
        SelectorSyntaxException refusal =
                catchThrowableOfType(SelectorSyntaxException.class, () -> Selector.parse(text));

        assertThat(refusal).as(text).isNotNull();
        assertThat(refusal.position()).as(refusal.getMessage()).isEqualTo(position);
        assertThat(refusal).hasMessageContaining("at position " + position + ": ");
    }

    @Test
    void showsThePlaceOfTheError() {
        assertThatThrownBy(() -> Selector.parse("colour = 'red' AND size LIKE 5 OR x"))
                .hasMessage("Invalid message selector: LIKE needs a string literal as its pattern, not '5',"
                        + " at position 29: ...r = 'red' AND size LIKE >>>5 OR x<end>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "JMSDeliveryMode = 'PERSISTENT'",
                "JMSPriority >= 5",
                "JMSMessageID = 'ID:x'",
                "JMSTimestamp > 0",
                "JMSCorrelationID = 'x'",
                "JMSType LIKE 'x%'",
                "JMSXGroupID = 'x'",
                "JMS_vendor = 'x'",
                "jmsdestination = 'x'"
            })
    void knowsTheHeaderFieldsAndVendorProperties(String text) throws SelectorSyntaxException {
        assertThat(Selector.parse(text)).hasToString(text);
    }

    @Test
    void blankTextIsNoSelector() throws SelectorSyntaxException {
        assertThat(Selector.parseNullable(null)).isNull();
        assertThat(Selector.parseNullable("")).isNull();
        assertThat(Selector.parseNullable(" \t")).isNull();
        assertThat(Selector.parseNullable("a")).isEqualTo(Selector.parse("(a)"));
        assertThatThrownBy(() -> Selector.parse("")).isInstanceOf(SelectorSyntaxException.class);
    }

    @Test
    void refusesWhatWouldExhaustParserOrDatabase() {
        assertThatThrownBy(() -> Selector.parse("(".repeat(5000) + "a" + ")".repeat(5000)))
                .hasMessageContaining("200 levels");
        assertThatThrownBy(() -> Selector.parse("NOT ".repeat(5000) + "a")).hasMessageContaining("200 levels");
        assertThatThrownBy(() -> Selector.parse("- ".repeat(5000) + "a = 1")).hasMessageContaining("200 levels");
        assertThatThrownBy(() -> Selector.parse("a" + " + a".repeat(51) + " = 1"))
                .hasMessageContaining("50 arithmetic operators");
        assertThatThrownBy(() -> Selector.parse("a" + " * a".repeat(16) + " = 1"))
                .hasMessageContaining("300 digits");
        assertThatThrownBy(() -> Selector.parse("a" + " OR a".repeat(1000))).hasMessageContaining("1000 identifiers");
        assertThatThrownBy(() -> Selector.parse("a = '" + "x".repeat(100_000) + "'"))
                .hasMessageContaining("100000 characters");
    }

    @Test
    void tellsWhetherOnlyOneCorrelationIdIsWanted() throws SelectorSyntaxException {
        for (String one : new String[] {
            "JMSCorrelationID = 'x'", "('x' = JMSCorrelationID)", "a = 1 AND (b AND JMSCorrelationID = 'x')"
        }) {
            assertThat(Selector.parse(one).correlationId()).as(one).isEqualTo("x");
        }
        for (String other : new String[] {
            "JMSCorrelationID <> 'x'",
            "JMSCorrelationID = 5",
            "JMSCorrelationID = a",
            "JMSCorrelationID = 'x' OR a",
            "NOT JMSCorrelationID = 'x'",
            "JMSType = 'x'",
            "a"
        }) {
            assertThat(Selector.parse(other).correlationId()).as(other).isNull();
        }
    }

    private static String repeated(String operand, String operator, int times) {
        return String.join(operator, Collections.nCopies(times, operand));
    }

    private static void isTheLongest(String longest, String longer, String limit) throws SelectorSyntaxException {
        Selector.parse(longest);
        assertThatThrownBy(() -> Selector.parse(longer)).hasMessageContaining(limit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "7", "JMSPriority", "-x"})
    void aProductHasAsManyDigitsAsItsFactorsTogether(String factor) throws SelectorSyntaxException {
        isTheLongest(
                repeated(factor, " * ", 15) + " = 1", repeated(factor, " * ", 16) + " = 1", "300 digits"); // of 19 each
    }

    @Test
    void whatIsAtALimitIsAllowed() throws SelectorSyntaxException {
        String product = repeated("x", " * ", 15);
        for (String sign : List.of(" + 1", " - 1")) {
            isTheLongest(product + sign.repeat(15) + " = 1", product + sign.repeat(16) + " = 1", "300 digits");
        }
        String text = "a = '" + "x".repeat(99_994);
        isTheLongest(text + "'", text + "x'", "100000 characters");
        isTheLongest(repeated("x", " / ", 51) + " = 1", repeated("x", " / ", 52) + " = 1", "50 arithmetic operators");
        isTheLongest(repeated("JMSPriority = 1", " OR ", 1_000), repeated("a = 1", " OR ", 1_001), "1000 identifiers");
    }

    /** What is behind a parenthesis or a sign is not within it. */
    @Test
    void depthIsOfWhatIsWithinEachOther() throws SelectorSyntaxException {
        String deep = "(".repeat(200) + "x" + ")".repeat(200) + " = 1";
        Selector.parse(repeated("(x) = 1", " OR ", 250) + " OR " + deep);
        Selector.parse(repeated("-x = 1", " OR ", 45) + " OR " + deep);
        Selector.parse(repeated("(x = 1)", " AND ", 250) + " AND " + deep);
        Selector.parse("NOT x = 1 AND ".repeat(250) + deep);
    }

    @Test
    void theErrorShowsTheSelectorAndThePlace() {
        assertThatThrownBy(() -> Selector.parse("a = 'x"))
                .hasMessageStartingWith("Invalid message selector: ")
                .hasMessageEndingWith(", at position 4: a = >>>'x<end>");
    }

    @Test
    void selectorsAreEqualWhoseTreesAre() throws SelectorSyntaxException {
        assertThat(Selector.parse("a = 1"))
                .isEqualTo(Selector.parse("(a=1)"))
                .hasSameHashCodeAs(Selector.parse("(a=1)"))
                .isNotEqualTo(Selector.parse("a = 2"));
    }
}
