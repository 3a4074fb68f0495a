package io.sqlmq.message;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;
import net.jqwik.api.arbitraries.ListArbitrary;

/** Values for property-based tests, with an eye for those that get lost easily. */
final class MessageArbitraries {
    private MessageArbitraries() {}

    /** Any sequence of UTF-16 units, also such as no Unicode text has. */
    static Arbitrary<String> strings() {
        Arbitrary<Character> units = Arbitraries.oneOf(
                Arbitraries.chars().ascii(),
                Arbitraries.chars().range((char) 0, Character.MAX_VALUE),
                Arbitraries.chars().range(Character.MIN_SURROGATE, Character.MAX_SURROGATE),
                Arbitraries.of('\0', '\\', 'u', ':', '"', '\n', '\uFFFD', '\uFFFF'));
        return Arbitraries.frequencyOf(
                Tuple.of(8, units.list().ofMaxSize(40).map(MessageArbitraries::join)),
                Tuple.of(1, units.list().ofMaxSize(10).map(list -> "\\u:" + MessageArbitraries.join(list))));
    }

    static Arbitrary<Object> propertyValues() {
        return Arbitraries.oneOf(
                Arbitraries.of(true, false).map(Object.class::cast),
                Arbitraries.bytes().map(Object.class::cast),
                Arbitraries.shorts().map(Object.class::cast),
                Arbitraries.integers().map(Object.class::cast),
                Arbitraries.longs().map(Object.class::cast),
                floats().map(Object.class::cast),
                doubles().map(Object.class::cast),
                strings().map(Object.class::cast));
    }

    static Arbitrary<Object> fieldValues() {
        return Arbitraries.oneOf(
                propertyValues(),
                Arbitraries.chars().range((char) 0, Character.MAX_VALUE).map(Object.class::cast),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(Object.class::cast));
    }

    static Arbitrary<Map<String, Object>> properties() {
        Arbitrary<String> names = Arbitraries.strings()
                .withChars('a', 'Z', '_', '$', '7', '\u00E4', '\u4E2D', '\u0001', '\0')
                .ofMinLength(1)
                .ofMaxLength(12)
                .map(name -> "p" + name);
        return Arbitraries.maps(names, propertyValues().injectNull(0.05)).ofMaxSize(12);
    }

    static ListArbitrary<Object> fields() {
        return fieldValues().injectNull(0.05).list().ofMaxSize(20);
    }

    private static Arbitrary<Float> floats() {
        return Arbitraries.oneOf(
                Arbitraries.integers().map(Float::intBitsToFloat).map(MessageArbitraries::oneNaN),
                Arbitraries.of(
                        -0.0f, 0.0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 1e10f));
    }

    private static Arbitrary<Double> doubles() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Double::longBitsToDouble),
                Arbitraries.longs().map(Long::doubleValue),
                Arbitraries.of(
                        -0.0, 0.0, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, Double.POSITIVE_INFINITY, 1e7));
    }

    private static float oneNaN(float value) {
        return Float.isNaN(value) ? Float.NaN : value;
    }

    private static String join(List<Character> units) {
        StringBuilder text = new StringBuilder();
        units.forEach(text::append);
        return text.toString();
    }
}
