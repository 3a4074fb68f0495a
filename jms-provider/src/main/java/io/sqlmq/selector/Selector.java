package io.sqlmq.selector;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A message selector (Jakarta Messaging 3.1 §3.8.1). Immutable and thread-safe.
 *
 * <p>{@link #matches} and the predicate of {@link #toSql} give the same answer for every message. Where the
 * specification leaves a choice, it is this:
 *
 * <ul>
 *   <li>Exact numbers (byte, short, int, long) are integers without bounds; their division truncates towards zero. With a
 *       float or double on either side the calculation or comparison is one of doubles, and a float is the double that
 *       equals it. NaN and the infinities compare as in Java.
 *   <li>Division by zero is unknown, and so is arithmetic on values that are no numbers. Arithmetic on doubles beyond
 *       8e307 (sums), or beyond 1e150 or closer to zero than 1e-150 (products), is unknown too, since it might overflow.
 *   <li>Values of unlike types compare as false whatever the operator, {@code NOT BETWEEN} included. {@code LIKE} and
 *       {@code IN}, which §3.8.1.1 defines for strings only, are unknown for what is none, and so are {@code NOT LIKE} and
 *       {@code NOT IN}. Strings that a PostgreSQL text cannot hold (NUL, unpaired surrogates), or that begin with a
 *       backslash, "u" and a colon, are equal and unequal to others like any string, but {@code LIKE} is unknown for them.
 *   <li>Where a condition is needed, an identifier whose value is not a boolean is unknown.
 *   <li>{@code _} in a {@code LIKE} pattern stands for one code point; the escape character makes any character that
 *       follows it ordinary.
 *   <li>String and boolean literals where only a number makes sense, {@code =} and {@code <>} between values that are of
 *       unlike types in every message, literals that are neither strings nor identifiers before {@code LIKE} and
 *       {@code IN}, and the header fields that §3.8.1.1 does not list are syntax errors.
 * </ul>
 *
 * <p>As an extension, identifiers that begin with {@code JMS_SQLMQ_JSON$} select on fields of a text message whose body
 * is JSON: {@code JMS_SQLMQ_JSON$customer$country = 'FR' AND JMS_SQLMQ_JSON$items$0$quantity > 10}. The steps of the path
 * are separated by {@code $}; a step of digits is an index into an array (from 0) or else a name. Integral numbers within
 * long are exact, others doubles; objects and arrays are not NULL but compare with nothing. All fields of a body that is
 * not JSON, or not JSON that PostgreSQL's jsonb accepts, or that is nested more than 1,000 levels deep, are NULL. Names with characters that no Java identifier may have
 * cannot be written.
 */
public final class Selector {
    private final Condition condition;

    private Selector(Condition condition) {
        this.condition = condition;
    }

    /**
     * Parses a selector.
     *
     * @throws SelectorSyntaxException if {@code text} is not a selector; an empty text is none
     */
    public static Selector parse(String text) throws SelectorSyntaxException {
        return new Selector(Parser.parse(text));
    }

    /** As {@link #parse}; null for null and for a blank text, which select every message (§3.8.1). */
    public static @Nullable Selector parseNullable(@Nullable String text) throws SelectorSyntaxException {
        return text == null || text.isBlank() ? null : parse(text);
    }

    static Selector of(Condition condition) {
        return new Selector(condition);
    }

    Condition condition() {
        return condition;
    }

    /** Whether the selector is true for the message, which it is not where it is unknown (§3.8.1.2). */
    public boolean matches(MessageView message) {
        return Boolean.TRUE.equals(evaluate(message));
    }

    @Nullable
    Boolean evaluate(MessageView message) {
        return condition.accept(new Evaluation(message));
    }

    /** The selector as a predicate over rows. Nothing of its text gets into the SQL but by parameters. */
    public SqlPredicate toSql(SqlMapping mapping) {
        return SqlCompiler.compile(condition, mapping);
    }

    /** The one JMSCorrelationID that can match, where it is compared with a literal, perhaps AND more; or null. */
    public @Nullable String correlationId() {
        return correlationId(condition);
    }

    private static @Nullable String correlationId(Condition condition) {
        if (condition instanceof Condition.And and) {
            return and.terms().stream()
                    .map(Selector::correlationId)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
        }
        if (condition instanceof Condition.Comparison comparison && comparison.operator() == ComparisonOperator.EQUAL) {
            String id = correlationId(comparison.left(), comparison.right());
            return id != null ? id : correlationId(comparison.right(), comparison.left());
        }
        return null;
    }

    private static @Nullable String correlationId(Operand one, Operand other) {
        return one.equals(new Operand.HeaderField(Header.CORRELATION_ID))
                        && other instanceof Operand.StringLiteral literal
                ? literal.value()
                : null;
    }

    /** Equal selectors have equal trees: {@code a=1} and {@code (a = 1)} are equal. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Selector selector && condition.equals(selector.condition);
    }

    @Override
    public int hashCode() {
        return condition.hashCode();
    }

    /** A canonical text, which parses to an equal selector. */
    @Override
    public String toString() {
        return CanonicalText.of(condition);
    }
}
