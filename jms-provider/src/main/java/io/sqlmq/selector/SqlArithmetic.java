package io.sqlmq.selector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is computed once per row before the condition: the parsed JSON body, and arithmetic with its operands. Each is a
 * column of a sub-select over the columns it needs, because a guarded operation names its operands more than once and
 * would otherwise double its text with every level. {@code OFFSET 0} keeps the planner from pasting them together again.
 */
final class SqlArithmetic {
    /** The innermost level has the body alone: what is computed from it must not stand beside it. */
    private static final int IDENTIFIERS = 1;

    private static final Fragment BODY = Fragment.sql("body");

    private final List<List<Fragment>> levels = new ArrayList<>();
    private final Map<Operand, Computed> computed = new HashMap<>();

    /** @param level the sub-select in which the value is a column, counted from the innermost */
    private record Computed(SqlValue value, int level) {}

    /** The parsed body, computed by {@code expression}. */
    Fragment body(Fragment expression) {
        if (levels.isEmpty()) {
            levels.add(new ArrayList<>());
        }
        List<Fragment> innermost = levels.get(0);
        if (innermost.isEmpty()) {
            innermost.add(Fragment.of("$ AS $", expression, BODY));
        }
        return BODY;
    }

    /** The result of an operation, if it was computed already. */
    @Nullable
    SqlValue known(Operand operation) {
        Computed result = computed.get(operation);
        return result == null ? null : result.value();
    }

    SqlValue negation(Operand.Negation operation, SqlValue value) {
        SqlValue operand = bound(operation.operand(), value);
        Fragment exact = operand.exact() == null ? null : Fragment.of("(- $)", operand.exact());
        Fragment number = operand.number() == null ? null : Fragment.of("(- $)", operand.number());
        int level = levelAbove(operation.operand());
        return compute(operation, level, exact, number, operand.approximate(), operand.mayBeNaN());
    }

    SqlValue arithmetic(Operand.Arithmetic operation, SqlValue leftValue, SqlValue rightValue) {
        SqlValue left = bound(operation.left(), leftValue);
        SqlValue right = bound(operation.right(), rightValue);
        Fragment exact = left.exact() == null || right.exact() == null
                ? null
                : exact(operation.operator(), left.exact(), right.exact());
        boolean approximate = left.approximate() || right.approximate();
        Fragment number = null;
        if (left.number() != null && right.number() != null) {
            Fragment guarded = approximate ? guarded(operation.operator(), left.number(), right.number()) : null;
            if (exact == null) {
                number = guarded;
            } else {
                Fragment ofExact = Fragment.of("($)::float8", exact);
                number = guarded == null ? ofExact : Fragment.of("coalesce($, $)", ofExact, guarded);
            }
        }
        int level = Math.max(levelAbove(operation.left()), levelAbove(operation.right()));
        boolean mayBeNaN = left.mayBeNaN() || right.mayBeNaN();
        return compute(operation, level, exact, number, approximate, mayBeNaN);
    }

    /** An identifier as columns too: it is long, and an operation names its operands several times. */
    private SqlValue bound(Operand operand, SqlValue value) {
        if (!(operand instanceof Operand.Identifier)) {
            return value;
        }
        SqlValue known = known(operand);
        if (known != null) {
            return known;
        }
        return compute(operand, IDENTIFIERS, value.exact(), value.number(), value.approximate(), value.mayBeNaN());
    }

    private int levelAbove(Operand operand) {
        Computed inner = computed.get(operand);
        return inner == null ? IDENTIFIERS : inner.level() + 1;
    }

    private static Fragment exact(ArithmeticOperator operator, Fragment left, Fragment right) {
        return operator == ArithmeticOperator.DIVIDE
                ? Fragment.of("pg_catalog.div($, nullif($, 0::numeric))", left, right)
                : Fragment.of("($ " + operator.symbol() + " $)", left, right);
    }

    /** See {@link ArithmeticOperator}: no result where PostgreSQL would raise an error. */
    private static Fragment guarded(ArithmeticOperator operator, Fragment left, Fragment right) {
        Fragment guard = Fragment.of("$ AND $", accepts(operator, left), accepts(operator, right));
        if (operator == ArithmeticOperator.DIVIDE) {
            guard = Fragment.of("$ AND $ <> 0::float8", guard, right);
        }
        return Fragment.of("CASE WHEN $ THEN $ " + operator.symbol() + " $ END", guard, left, right);
    }

    private static Fragment accepts(ArithmeticOperator operator, Fragment operand) {
        if (operator.additive()) {
            return Fragment.of(
                    "(pg_catalog.abs($) <= " + ArithmeticOperator.LARGEST_TERM
                            + "::float8 OR pg_catalog.abs($) >= 'Infinity'::float8)",
                    operand,
                    operand);
        }
        return Fragment.of(
                "($ = 0::float8 OR pg_catalog.abs($) BETWEEN " + ArithmeticOperator.SMALLEST_FACTOR + "::float8 AND "
                        + ArithmeticOperator.LARGEST_FACTOR + "::float8 OR pg_catalog.abs($) >= 'Infinity'::float8)",
                operand,
                operand,
                operand);
    }

    private SqlValue compute(
            Operand operand,
            int level,
            @Nullable Fragment exact,
            @Nullable Fragment number,
            boolean approximate,
            boolean mayBeNaN) {
        while (levels.size() <= level) {
            levels.add(new ArrayList<>());
        }
        int id = computed.size() + 1;
        Fragment exactColumn = column(level, exact, "e" + id);
        Fragment numberColumn = column(level, number, "n" + id);
        Fragment known = numberColumn == null ? Fragment.sql("false") : Fragment.of("$ IS NOT NULL", numberColumn);
        SqlValue value = new SqlValue(known, null, null, exactColumn, numberColumn, approximate, mayBeNaN);
        computed.put(operand, new Computed(value, level));
        return value;
    }

    private @Nullable Fragment column(int level, @Nullable Fragment expression, String name) {
        if (expression == null) {
            return null;
        }
        Fragment column = Fragment.sql(name);
        levels.get(level).add(Fragment.of("$ AS $", expression, column));
        return column;
    }

    /** {@code condition} over all that it needs. */
    Fragment around(Fragment condition) {
        Fragment from = null;
        int depth = 0;
        for (List<Fragment> level : levels) {
            if (!level.isEmpty()) {
                Fragment columns = Fragment.join(level, ", ");
                from = from == null
                        ? Fragment.of("SELECT $ OFFSET 0", columns)
                        : Fragment.of("SELECT *, $ FROM ($) s" + ++depth + " OFFSET 0", columns, from);
            }
        }
        return from == null ? condition : Fragment.of("(SELECT $ FROM ($) s)", condition, from);
    }
}
