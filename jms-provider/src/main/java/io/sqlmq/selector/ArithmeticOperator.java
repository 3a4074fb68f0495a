package io.sqlmq.selector;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Arithmetic operators. PostgreSQL raises an error where floating point would overflow or underflow, so approximate
 * arithmetic is defined only for operands for which neither can happen; elsewhere the result is unknown, as it is for a
 * division by zero.
 */
enum ArithmeticOperator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/");

    /** The largest finite operand of approximate sums and differences. */
    static final double LARGEST_TERM = 8e307;
    /** The largest finite operand of approximate products and quotients. */
    static final double LARGEST_FACTOR = 1e150;
    /** The smallest operand but zero of approximate products and quotients. */
    static final double SMALLEST_FACTOR = 1e-150;

    private final String symbol;

    ArithmeticOperator(String symbol) {
        this.symbol = symbol;
    }

    String symbol() {
        return symbol;
    }

    /** Whether it binds its operands as a sum does. */
    boolean additive() {
        return this == ADD || this == SUBTRACT;
    }

    /** Integers of any size; division truncates towards zero. Null where there is no result. */
    @Nullable
    BigInteger apply(BigInteger left, BigInteger right) {
        return switch (this) {
            case ADD -> left.add(right);
            case SUBTRACT -> left.subtract(right);
            case MULTIPLY -> left.multiply(right);
            case DIVIDE -> right.signum() == 0 ? null : left.divide(right);
        };
    }

    /** As Java computes it, or null where there is no result. */
    @Nullable
    Double apply(double left, double right) {
        if (!accepts(left) || !accepts(right)) {
            return null;
        }
        return switch (this) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> right == 0 ? null : (Double) (left / right);
        };
    }

    private boolean accepts(double operand) {
        double size = Math.abs(operand);
        if (!Double.isFinite(operand)) {
            return true;
        }
        return additive() ? size <= LARGEST_TERM : size == 0 || (size >= SMALLEST_FACTOR && size <= LARGEST_FACTOR);
    }
}
