package io.sqlmq.selector;

import java.util.List;

/**
 * What bounds a selector, so that neither parsing, testing nor the database can be exhausted by one: the protocol takes
 * 65,535 parameters, recursion needs stack, and PostgreSQL must be able to make a double of every exact number.
 */
final class Limits implements Condition.Visitor<Integer>, Operand.Visitor<Integer> {
    /** Characters. */
    static final int TEXT = 100_000;
    /** Levels of parentheses, NOT and signs. */
    static final int DEPTH = 200;
    /** Identifiers, each counted as often as it appears. */
    static final int IDENTIFIERS = 1_000;
    /** Arithmetic operators and signs. The parser counts them too, before there is a tree too deep to be walked. */
    static final int OPERATORS = 50;
    /** Digits that the exact result of an arithmetic expression could have. */
    static final int DIGITS = 300;

    private static final int DIGITS_OF_LONG = 19;

    private int identifiers;
    private int operators;
    private int mostDigits;

    private Limits() {}

    static void check(Condition condition, String text) throws SelectorSyntaxException {
        Limits limits = new Limits();
        condition.accept(limits);
        limits.check(limits.identifiers, IDENTIFIERS, "identifiers", text);
        limits.check(limits.operators, OPERATORS, "arithmetic operators", text);
        limits.check(limits.mostDigits, DIGITS, "digits in the result of its arithmetic", text);
    }

    private void check(int actual, int limit, String what, String text) throws SelectorSyntaxException {
        if (actual > limit) {
            throw new SelectorSyntaxException(exceeded(limit, what), text, 0);
        }
    }

    static String exceeded(int limit, String what) {
        return "it has more than " + limit + " " + what + "; split it or select on fewer values";
    }

    private int all(List<Condition> terms) {
        terms.forEach(term -> term.accept(this));
        return 0;
    }

    private int digits(Operand operand) {
        int digits = operand.accept(this);
        mostDigits = Math.max(mostDigits, digits);
        return digits;
    }

    private int identifier() {
        identifiers++;
        return DIGITS_OF_LONG;
    }

    @Override
    public Integer and(Condition.And and) {
        return all(and.terms());
    }

    @Override
    public Integer or(Condition.Or or) {
        return all(or.terms());
    }

    @Override
    public Integer not(Condition.Not not) {
        return not.term().accept(this);
    }

    @Override
    public Integer comparison(Condition.Comparison comparison) {
        return digits(comparison.left()) + digits(comparison.right());
    }

    @Override
    public Integer between(Condition.Between between) {
        return digits(between.value()) + digits(between.low()) + digits(between.high());
    }

    @Override
    public Integer in(Condition.In in) {
        return digits(in.value());
    }

    @Override
    public Integer like(Condition.Like like) {
        return digits(like.value());
    }

    @Override
    public Integer isNull(Condition.IsNull isNull) {
        return digits(isNull.value());
    }

    @Override
    public Integer truth(Condition.Truth truth) {
        return digits(truth.value());
    }

    @Override
    public Integer string(Operand.StringLiteral literal) {
        return 0;
    }

    @Override
    public Integer bool(Operand.BooleanLiteral literal) {
        return 0;
    }

    @Override
    public Integer exact(Operand.ExactLiteral literal) {
        return DIGITS_OF_LONG;
    }

    @Override
    public Integer approximate(Operand.ApproximateLiteral literal) {
        return 0;
    }

    @Override
    public Integer property(Operand.Property property) {
        return identifier();
    }

    @Override
    public Integer header(Operand.HeaderField field) {
        return identifier();
    }

    @Override
    public Integer json(Operand.JsonField field) {
        return identifier();
    }

    @Override
    public Integer negation(Operand.Negation negation) {
        operators++;
        return digits(negation.operand());
    }

    @Override
    public Integer arithmetic(Operand.Arithmetic arithmetic) {
        operators++;
        int left = digits(arithmetic.left());
        int right = digits(arithmetic.right());
        return switch (arithmetic.operator()) {
            case ADD, SUBTRACT -> Math.max(left, right) + 1;
            case MULTIPLY -> left + right;
            case DIVIDE -> left;
        };
    }
}
