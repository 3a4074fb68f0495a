package io.sqlmq.selector;

import static io.sqlmq.selector.SelectorDatabase.MAPPING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The predicate: safe, and plain where it can be. */
class SelectorSqlTest {
    private static SelectorDatabase database;

    @BeforeAll
    static void start() throws IOException, SQLException {
        database = new SelectorDatabase();
    }

    @AfterAll
    static void stop() throws SQLException {
        database.close();
    }

    /** Each of these bodies is selected by its outermost field, or by none: where the line is must not depend on the server. */
    @ParameterizedTest
    @ValueSource(ints = {1, 10, 998, 999, 1_000, 1_001, 1_500, 5_000, 100_000})
    void deepBodiesAreTheSameToBoth(int depth) throws SelectorSyntaxException, SQLException {
        List<SampleMessage> messages = new ArrayList<>();
        for (String inner : List.of("1", "[]", "{}", "\"[{\"", "[1, {\"a\": [2]}]")) {
            messages.add(SampleMessage.EMPTY.withBody(
                    "{\"top\": 1, \"deep\": " + "[".repeat(depth) + inner + "]".repeat(depth) + "}"));
            messages.add(SampleMessage.EMPTY.withBody(
                    "{\"top\": 1, \"deep\": " + "{\"a\":".repeat(depth) + inner + "}".repeat(depth) + "}"));
            messages.add(
                    SampleMessage.EMPTY.withBody("{\"wide\": [" + "[[]], ".repeat(depth) + "1], \"top\": 1, \"deep\": "
                            + "[0, {\"a\": ".repeat(depth / 2) + inner + "}]".repeat(depth / 2) + "}"));
        }
        Selector selector = Selector.parse("JMS_SQLMQ_JSON$top = 1");
        database.fill(messages);

        assertThat(database.evaluate(List.of(selector)).get(0))
                .containsExactlyElementsOf(messages.stream()
                        .map(message -> selector.evaluate(message))
                        .toList());
    }

    @Test
    void headerPredicatesArePlainEnoughForAnIndex() throws SelectorSyntaxException {
        SqlPredicate predicate = Selector.parse("JMSCorrelationID = 'x'").toSql(MAPPING);

        assertThat(predicate).isEqualTo(new SqlPredicate("(m.correlation_id = ?::text)", List.of("x")));
    }

    @Test
    void nothingOfTheSelectorGetsIntoTheSqlText() throws SelectorSyntaxException {
        String selector = "vic$tim = 'x''; DROP TABLE mq_msgs' AND amount * 4711 > 47.11 OR vic$tim LIKE 'drop%'"
                + " OR vic$tim IN ('drop') OR JMS_SQLMQ_JSON$vic$tim IS NULL";

        SqlPredicate predicate = Selector.parse(selector).toSql(MAPPING);

        assertThat(predicate.text().toLowerCase(Locale.ROOT))
                .doesNotContain("vic")
                .doesNotContain("tim")
                .doesNotContain("drop")
                .doesNotContain("4711")
                .doesNotContain("amount");
        assertThat(predicate.parameters())
                .contains("vic$tim", "x'; DROP TABLE mq_msgs", "amount", 4711L, 4711.0, 47.11, "drop%", "drop", "vic");
        assertThat(predicate.text().chars().filter(c -> c == '?')).hasSameSizeAs(predicate.parameters());
    }

    /** Whatever somebody wrote into a row by SQL, a claim must go on. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
            [1, 2]                 | null
            "p"                    | 5
            5                      | [1]
            {"p": {"q": 1}}        | {"p": {"q": 1}}
            {"p": [1]}             | {"p": "long"}
            {"p": 1e400}           |
            {"p": 1e400}           | {"p": "double"}
            {"p": 1e-400}          | {"p": "float"}
            {"p": 1e100000}        | {"p": "long"}
            {"p": "x"}             | {"p": "long"}
            {"p": "x"}             | {"p": "double:NaN"}
            {"p": true}            | {"p": "float"}
            {"p": null}            | {"p": "float"}
            """)
    void noRowMakesItRaiseAnError(String properties, String types) throws Exception {
        List<Selector> selectors = new ArrayList<>();
        for (String operand : List.of("p", "-p", "p + 1", "p * p", "p / 0.5", "1 / p", "p * 1e149 * p")) {
            for (String condition : List.of("%s = 1", "%s <> 1.5", "%s < p", "%s NOT BETWEEN p AND 2", "%s IS NULL")) {
                selectors.add(Selector.parse(condition.formatted(operand)));
            }
        }
        selectors.add(Selector.parse("p"));
        selectors.add(Selector.parse("p LIKE 'x%'"));
        selectors.add(Selector.parse("p IN ('x')"));
        database.fill(properties, types);

        assertThat(database.evaluate(selectors)).hasSize(selectors.size());
    }

    @Test
    void theLargestSelectorsRun() throws Exception {
        database.fill(List.of(SampleMessage.EMPTY.with("a", 1).with("b", 2.5).with("s", "y")));

        assertThat(answer("a" + " + a".repeat(50) + " = 51")).containsExactly(true);
        assertThat(answer("b" + " + b".repeat(50) + " = 127.5")).containsExactly(true);
        assertThat(answer("a * b / (" + "a * (".repeat(13) + "b" + ")".repeat(14) + " = 1"))
                .containsExactly(true);
        assertThat(answer("a <> b" + " AND b <> a".repeat(499))).containsExactly(true);
        assertThat(answer("b BETWEEN 1 AND 3" + " AND b BETWEEN 1 AND 3".repeat(999)))
                .containsExactly(true);
        assertThat(answer("s IN ('x'" + ", 'x'".repeat(19_000) + ")")).containsExactly(false);
        assertThat(answer("(".repeat(100) + "NOT ".repeat(100) + "a = 1" + ")".repeat(100)))
                .containsExactly(true);
    }

    private static List<Boolean> answer(String selector) throws SelectorSyntaxException, SQLException {
        return database.evaluate(List.of(Selector.parse(selector))).get(0);
    }

    @Test
    void theMappingsTypesAreNames() {
        assertThatThrownBy(
                        () -> new SqlMapping("p", "t", Set.of("x'y"), "s", "d", "p", "m", "t", "c", "t", "b", s -> s))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x'y");
    }
}
