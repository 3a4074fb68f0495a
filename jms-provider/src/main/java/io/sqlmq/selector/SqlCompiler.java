package io.sqlmq.selector;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a tree into SQL whose three values are those of {@link Evaluation}. */
final class SqlCompiler implements Condition.Visitor<Fragment>, Operand.Visitor<SqlValue> {
    private static final Fragment FALSE = Fragment.sql("false");
    private static final Fragment TRUE = Fragment.sql("true");
    static final Fragment MARK = Fragment.parameter(Value.Text.MARK, "text");
    private static final Fragment UNKNOWN = Fragment.sql("NULL::boolean");

    private final SqlIdentifiers identifiers;
    private final Fragment jsonBody;
    private final SqlMapping mapping;
    private final SqlArithmetic computed = new SqlArithmetic();

    private SqlCompiler(SqlMapping mapping) {
        this.mapping = mapping;
        identifiers = new SqlIdentifiers(mapping);
        jsonBody = Fragment.sql(mapping.jsonBody());
    }

    static SqlPredicate compile(Condition condition, SqlMapping mapping) {
        SqlCompiler compiler = new SqlCompiler(mapping);
        Fragment sql = compiler.computed.around(condition.accept(compiler));
        return new SqlPredicate(sql.text(), sql.parameters());
    }

    private Fragment connected(List<Condition> terms, String operator) {
        return Fragment.of(
                "($)",
                Fragment.join(terms.stream().map(term -> term.accept(this)).toList(), operator));
    }

    @Override
    public Fragment and(Condition.And and) {
        return connected(and.terms(), " AND ");
    }

    @Override
    public Fragment or(Condition.Or or) {
        return connected(or.terms(), " OR ");
    }

    @Override
    public Fragment not(Condition.Not not) {
        return Fragment.of("(NOT $)", not.term().accept(this));
    }

    @Override
    public Fragment between(Condition.Between between) {
        return Fragment.of(
                "($ AND $)", between.atLeast().accept(this), between.atMost().accept(this));
    }

    @Override
    public Fragment comparison(Condition.Comparison comparison) {
        ComparisonOperator operator = comparison.operator();
        SqlValue left = comparison.left().accept(this);
        SqlValue right = comparison.right().accept(this);
        List<Fragment> tests = new ArrayList<>();
        if (operator.equality()) {
            test(tests, operator, left.string(), right.string());
            test(tests, operator, left.bool(), right.bool());
        }
        test(tests, operator, left.exact(), right.exact());
        if (left.number() != null && right.number() != null && (left.approximate() || right.approximate())) {
            tests.add(numbers(operator, left, right));
        }
        SqlValue.Kind kind = left.onlyKind();
        if (tests.size() == 1 && kind != null && kind == right.onlyKind()) {
            return Fragment.of("($)", tests.get(0));
        }
        return firstOf(tests, both(left.known(), right.known()));
    }

    private static void test(
            List<Fragment> tests, ComparisonOperator operator, @Nullable Fragment left, @Nullable Fragment right) {
        if (left != null && right != null) {
            tests.add(Fragment.of("$ " + operator.symbol() + " $", left, right));
        }
    }

    /**
     * PostgreSQL takes NaN for equal to itself and greater than all else. In Java it is unequal to everything; it is
     * left out here, and the false that follows for known but incomparable values is right for it too.
     */
    private static Fragment numbers(ComparisonOperator operator, SqlValue leftValue, SqlValue rightValue) {
        Fragment left = required(leftValue.number());
        Fragment right = required(rightValue.number());
        if (operator != ComparisonOperator.NOT_EQUAL) {
            return Fragment.of(
                    "$ " + operator.symbol() + " $",
                    leftValue.mayBeNaN() ? Fragment.of("nullif($, 'NaN'::float8)", left) : left,
                    rightValue.mayBeNaN() ? Fragment.of("nullif($, 'NaN'::float8)", right) : right);
        }
        if (!leftValue.mayBeNaN() || !rightValue.mayBeNaN()) {
            return Fragment.of("$ <> $", left, right);
        }
        return Fragment.of("($ <> $ OR ($ = 'NaN'::float8 AND $ = 'NaN'::float8))", left, right, left, right);
    }

    private static Fragment required(@Nullable Fragment fragment) {
        if (fragment == null) {
            throw new IllegalStateException("not a number");
        }
        return fragment;
    }

    private static Fragment both(@Nullable Fragment left, @Nullable Fragment right) {
        if (left == null) {
            return right == null ? TRUE : right;
        }
        return right == null ? left : Fragment.of("$ AND $", left, right);
    }

    /** The first test that is not NULL; else false where the values are known and just not comparable. */
    private static Fragment firstOf(List<Fragment> tests, Fragment known) {
        Fragment incomparable = known.equals(TRUE) ? FALSE : Fragment.of("CASE WHEN $ THEN false END", known);
        if (tests.isEmpty()) {
            return Fragment.of("($)", incomparable);
        }
        return Fragment.of("coalesce($, $)", Fragment.join(tests, ", "), incomparable);
    }

    @Override
    public Fragment in(Condition.In in) {
        Fragment string = in.value().accept(this).string();
        if (string == null) {
            return UNKNOWN;
        }
        List<Fragment> choices = in.choices().stream()
                .map(mapping.stored())
                .map(choice -> Fragment.parameter(choice, "text"))
                .toList();
        return Fragment.of("($ IN ($))", string, Fragment.join(choices, ", "));
    }

    @Override
    public Fragment like(Condition.Like like) {
        Fragment string = like.value().accept(this).string();
        if (string == null) {
            return UNKNOWN;
        }
        Fragment plain = Fragment.of("(CASE WHEN pg_catalog.left($, 3) <> $ THEN $ END)", string, MARK, string);
        return Value.isStorable(like.pattern().text())
                ? Fragment.of(
                        "($ LIKE $)", plain, Fragment.parameter(like.pattern().forPostgres(), "text"))
                : noMatch(plain);
    }

    /** What no string can be: false for strings, unknown for what is none. */
    private static Fragment noMatch(Fragment string) {
        return Fragment.of("nullif($ IS NULL, true)", string);
    }

    @Override
    public Fragment isNull(Condition.IsNull isNull) {
        Fragment known = isNull.value().accept(this).known();
        return known == null ? FALSE : Fragment.of("(NOT ($))", known);
    }

    @Override
    public Fragment truth(Condition.Truth truth) {
        Fragment bool = truth.value().accept(this).bool();
        return bool == null ? UNKNOWN : bool;
    }

    @Override
    public SqlValue string(Operand.StringLiteral literal) {
        return SqlValue.ofString(null, Fragment.parameter(mapping.stored().apply(literal.value()), "text"));
    }

    @Override
    public SqlValue bool(Operand.BooleanLiteral literal) {
        return SqlValue.ofBool(literal.value() ? TRUE : FALSE);
    }

    @Override
    public SqlValue exact(Operand.ExactLiteral literal) {
        return SqlValue.ofExact(
                null,
                Fragment.parameter(literal.value(), "numeric"),
                Fragment.parameter((double) literal.value(), "float8"));
    }

    @Override
    public SqlValue approximate(Operand.ApproximateLiteral literal) {
        return SqlValue.ofApproximate(Fragment.parameter(literal.value(), "float8"));
    }

    @Override
    public SqlValue property(Operand.Property property) {
        return identifiers.property(property.name());
    }

    @Override
    public SqlValue header(Operand.HeaderField field) {
        return identifiers.header(field.header());
    }

    @Override
    public SqlValue json(Operand.JsonField field) {
        return identifiers.jsonField(computed.body(jsonBody), field.path());
    }

    @Override
    public SqlValue negation(Operand.Negation negation) {
        SqlValue known = computed.known(negation);
        return known != null
                ? known
                : computed.negation(negation, negation.operand().accept(this));
    }

    @Override
    public SqlValue arithmetic(Operand.Arithmetic arithmetic) {
        SqlValue known = computed.known(arithmetic);
        return known != null
                ? known
                : computed.arithmetic(
                        arithmetic,
                        arithmetic.left().accept(this),
                        arithmetic.right().accept(this));
    }
}
