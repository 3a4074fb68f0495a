package io.sqlmq.selector;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/** Random selectors and messages over few names and values, chosen so that they meet, and that borders are met. */
final class SelectorArbitraries {
    private static final List<String> NAMES = List.of("p", "q", "$x", "größe", "JMSXGroupSeq");
    private static final String[] TEXTS = {
        "",
        "a",
        "A",
        "red",
        "a_b",
        "a%b",
        "axb",
        "%",
        "_",
        "\\",
        "\\_",
        "ä",
        "😀",
        "a😀b",
        "it's",
        "?",
        "$",
        "5",
        "true",
        "NaN",
        "null",
        "a\nb",
        "PERSISTENT",
        "ID:00000000-0000-0000-0000-000000000001"
    };
    private static final String[] UNSTORABLE = {"a\0b", "a\0", "\ud83d", "\udc00a", "\\u:", "\\u:a\\b"};
    private static final Long[] LONGS = {
        0L, 1L, -1L, 2L, 3L, -7L, 10L, 100L, 9_007_199_254_740_993L, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1
    };
    private static final Double[] DOUBLES = {
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        2.5,
        0.1,
        (double) 0.1f,
        3.0,
        100.0,
        1e7,
        1e10,
        9_007_199_254_740_992.0,
        9.223372036854776E18,
        1e150,
        1.0000000000000002e150,
        1e-150,
        1e-151,
        1e200,
        8e307,
        1.7e308,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        Double.MIN_VALUE,
        2.2250738585072014E-308,
        1e-200
    };
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "0.0",
        "1",
        "1.0",
        "1.50",
        "1e3",
        "1.0e1",
        "10",
        "2.5",
        "1E-2",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "1e18",
        "1e19",
        "1e308",
        "1e309",
        "1e-323",
        "1e-330",
        "1e400",
        "0e400",
        "0.1",
        "100000000000000000000.5",
        "1e-200"
    };

    /** About how many of each are made, from which jqwik takes how they spread. */
    private static final int GENERATED = 1000;

    private SelectorArbitraries() {}

    @SafeVarargs
    private static <T> Arbitrary<T> oneOf(Arbitrary<? extends T>... choices) {
        List<RandomGenerator<T>> generators = new ArrayList<>();
        for (Arbitrary<? extends T> choice : choices) {
            generators.add(generator(choice));
        }
        return oneOf(generators);
    }

    @SafeVarargs
    private static <T> Arbitrary<T> frequencyOf(Tuple2<Integer, Arbitrary<T>>... choices) {
        List<RandomGenerator<T>> generators = new ArrayList<>();
        for (Tuple2<Integer, Arbitrary<T>> choice : choices) {
            generators.addAll(Collections.nCopies(choice.get1(), generator(choice.get2())));
        }
        return oneOf(generators);
    }

    private static <T> RandomGenerator<T> generator(Arbitrary<? extends T> arbitrary) {
        return arbitrary.<T>map(value -> value).generator(GENERATED);
    }

    /**
     * What that of jqwik does, which however looks up the generator of the chosen one for every value, by comparing all
     * that it is made of: that took longer than everything else.
     */
    private static <T> Arbitrary<T> oneOf(List<RandomGenerator<T>> choices) {
        return Arbitraries.fromGenerator(
                random -> choices.get(random.nextInt(choices.size())).next(random));
    }

    static Arbitrary<SampleMessage> messages() {
        Arbitrary<Map<String, Object>> properties = Arbitraries.maps(Arbitraries.of(NAMES), propertyValues())
                .ofMaxSize(NAMES.size())
                .map(HashMap::new);
        return Combinators.combine(
                        properties,
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(0, 9),
                        Arbitraries.longs().between(1, 2).map(low -> new UUID(0, low)),
                        Arbitraries.of(0L, 1L, 1_700_000_000_000L),
                        texts().injectNull(0.3),
                        texts().injectNull(0.3),
                        bodies().injectNull(0.2))
                .as(SampleMessage::new);
    }

    private static Arbitrary<Object> propertyValues() {
        return oneOf(
                Arbitraries.of(TEXTS).map(Object.class::cast),
                Arbitraries.of(UNSTORABLE).map(Object.class::cast),
                Arbitraries.of(true, false).map(Object.class::cast),
                Arbitraries.of(LONGS).map(Object.class::cast),
                Arbitraries.of(LONGS).map(Long::intValue).map(Object.class::cast),
                Arbitraries.of(LONGS).map(Long::shortValue).map(Object.class::cast),
                Arbitraries.of(LONGS).map(Long::byteValue).map(Object.class::cast),
                doubles().map(Object.class::cast),
                doubles().map(Double::floatValue).map(Object.class::cast),
                Arbitraries.integers().between(-3, 3).map(Object.class::cast));
    }

    private static Arbitrary<Double> doubles() {
        return frequencyOf(
                Tuple.of(6, Arbitraries.of(DOUBLES)),
                Tuple.of(1, Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)),
                Tuple.of(1, Arbitraries.longs().map(Double::longBitsToDouble)));
    }

    private static Arbitrary<String> bodies() {
        Arbitrary<String> objects = Arbitraries.maps(Arbitraries.of("a", "b", "0"), json(2))
                .ofMaxSize(3)
                .map(SelectorArbitraries::object);
        return frequencyOf(
                Tuple.of(8, objects),
                Tuple.of(2, json(2)),
                Tuple.of(
                        1,
                        Arbitraries.of(
                                "",
                                "{",
                                "nan",
                                "{\"a\":\"\\u0000\"}",
                                "{\"a\":1,\"b\":\"\\ud800\"}",
                                "{\"a\":1,\"b\":1e200000}",
                                "{\"a\":1,\"b\":1e-20000}",
                                "{\"a\":1,\"b\":1e99999999999}",
                                "{\"a\":1} x",
                                "{\"a\":1,\"a\":2}",
                                "{\"a\":01}")));
    }

    private static String object(Map<String, String> fields) {
        StringBuilder json = new StringBuilder("{");
        fields.forEach((name, value) -> json.append(json.length() > 1 ? ", \"" : "\"")
                .append(name)
                .append("\": ")
                .append(value));
        return json.append('}').toString();
    }

    private static Arbitrary<String> json(int depth) {
        Arbitrary<String> scalars =
                Arbitraries.of("null", "true", "false", "\"a\"", "\"red\"", "\"\\u00e4\"", "\"1\"", "\"\\\\u:a\\\\b\"");
        Arbitrary<String> leaves = oneOf(scalars, Arbitraries.of(NUMBERS));
        if (depth == 0) {
            return leaves;
        }
        Arbitrary<String> arrays = json(depth - 1).list().ofMaxSize(3).map(Object::toString);
        Arbitrary<String> objects = Arbitraries.maps(Arbitraries.of("a", "b", "0"), json(depth - 1))
                .ofMaxSize(3)
                .map(SelectorArbitraries::object);
        return oneOf(leaves, leaves, arrays, objects);
    }

    static Arbitrary<Selector> selectors() {
        return conditions(3).map(Selector::of);
    }

    private static Arbitrary<Condition> conditions(int depth) {
        Arbitrary<Condition> predicates = predicates();
        if (depth == 0) {
            return predicates;
        }
        Arbitrary<Condition> inner = conditions(depth - 1);
        Arbitrary<List<Condition>> terms = inner.list().ofMinSize(2).ofMaxSize(3);
        return oneOf(
                predicates,
                predicates,
                inner.map(Condition.Not::new),
                terms.map(Condition.And::new),
                terms.map(Condition.Or::new));
    }

    private static Arbitrary<Condition> predicates() {
        Arbitrary<Operand> numbers = numbers(2);
        Arbitrary<Operand> strings = oneOf(identifiers(), identifiers(), stringLiterals());
        Arbitrary<Operand> values = oneOf(numbers, strings, booleanLiterals());
        Arbitrary<ComparisonOperator> any = Arbitraries.of(ComparisonOperator.values());
        return oneOf(
                Combinators.combine(any, numbers, numbers).as(Condition.Comparison::new),
                Combinators.combine(any.filter(ComparisonOperator::equality), values, values)
                        .as(Condition.Comparison::new)
                        .filter(comparison -> Operand.mayBeAlike(comparison.left(), comparison.right())),
                Combinators.combine(any.filter(ComparisonOperator::equality), identifiers(), strings)
                        .as(Condition.Comparison::new),
                Combinators.combine(numbers, numbers, numbers).as(Condition.Between::new),
                Combinators.combine(strings, texts().list().ofMinSize(1).ofMaxSize(4))
                        .as(Condition.In::new),
                Combinators.combine(strings, patterns()).as(Condition.Like::new),
                values.map(Condition.IsNull::new),
                oneOf(identifiers(), booleanLiterals()).map(Condition.Truth::new));
    }

    private static Arbitrary<String> texts() {
        return frequencyOf(Tuple.of(9, Arbitraries.of(TEXTS)), Tuple.of(1, Arbitraries.of(UNSTORABLE)));
    }

    private static Arbitrary<LikePattern> patterns() {
        Arbitrary<String> pieces =
                Arbitraries.of("%", "_", "\\", "a", "b", "x", "😀", "ä", "!", "r", "ed", "\n", "", "\0");
        Arbitrary<String> texts = pieces.list().ofMaxSize(5).map(list -> String.join("", list));
        return Combinators.combine(
                        texts, Arbitraries.of("\\", "!", "%", "_", "a", "😀").injectNull(0.4))
                .as(LikePattern::new)
                .filter(pattern -> !pattern.endsInEscape());
    }

    private static Arbitrary<Operand> stringLiterals() {
        return texts().map(Operand.StringLiteral::new);
    }

    private static Arbitrary<Operand> booleanLiterals() {
        return Arbitraries.of(true, false).map(Operand.BooleanLiteral::new);
    }

    private static Arbitrary<Operand> identifiers() {
        Arbitrary<Operand> fields = Arbitraries.of("a", "b", "0", "1", "00", "99999999999")
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(Operand.JsonField::new);
        return frequencyOf(
                Tuple.of(5, Arbitraries.of(NAMES).map(Operand.Property::new)),
                Tuple.of(2, Arbitraries.of(Header.values()).map(Operand.HeaderField::new)),
                Tuple.of(2, fields));
    }

    private static Arbitrary<Operand> numbers(int depth) {
        Arbitrary<Operand> leaves = frequencyOf(
                Tuple.of(4, identifiers()),
                Tuple.of(2, Arbitraries.of(LONGS).map(Operand.ExactLiteral::new)),
                Tuple.of(2, doubles().filter(Double::isFinite).map(Operand.ApproximateLiteral::new)));
        if (depth == 0) {
            return leaves;
        }
        Arbitrary<Operand> inner = numbers(depth - 1);
        return frequencyOf(
                Tuple.of(4, leaves),
                Tuple.of(1, inner.map(Operand.Negation::new)),
                Tuple.of(
                        3,
                        Combinators.combine(Arbitraries.of(ArithmeticOperator.values()), inner, inner)
                                .as(Operand.Arithmetic::new)));
    }
}
