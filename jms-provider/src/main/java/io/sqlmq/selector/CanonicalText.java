package io.sqlmq.selector;

import java.util.stream.Collectors;

/** Writes a tree as text that parses to an equal tree, with no more parentheses than that needs. */
final class CanonicalText implements Condition.Visitor<String>, Operand.Visitor<String> {
    private static final CanonicalText INSTANCE = new CanonicalText();

    private CanonicalText() {}

    static String of(Condition condition) {
        return condition.accept(INSTANCE);
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    private String inParentheses(Expression expression) {
        return "("
                + (expression instanceof Condition condition
                        ? condition.accept(this)
                        : ((Operand) expression).accept(this))
                + ")";
    }

    @Override
    public String and(Condition.And and) {
        return and.terms().stream()
                .map(term -> term instanceof Condition.And || term instanceof Condition.Or
                        ? inParentheses(term)
                        : term.accept(this))
                .collect(Collectors.joining(" AND "));
    }

    @Override
    public String or(Condition.Or or) {
        return or.terms().stream()
                .map(term -> term instanceof Condition.Or ? inParentheses(term) : term.accept(this))
                .collect(Collectors.joining(" OR "));
    }

    @Override
    public String not(Condition.Not not) {
        boolean connected = not.term() instanceof Condition.And || not.term() instanceof Condition.Or;
        return "NOT " + (connected ? inParentheses(not.term()) : not.term().accept(this));
    }

    @Override
    public String comparison(Condition.Comparison comparison) {
        return comparison.left().accept(this) + " " + comparison.operator().symbol() + " "
                + comparison.right().accept(this);
    }

    @Override
    public String between(Condition.Between between) {
        return between.value().accept(this) + " BETWEEN " + between.low().accept(this) + " AND "
                + between.high().accept(this);
    }

    @Override
    public String in(Condition.In in) {
        return in.value().accept(this)
                + in.choices().stream().map(CanonicalText::quoted).collect(Collectors.joining(", ", " IN (", ")"));
    }

    @Override
    public String like(Condition.Like like) {
        String escape = like.pattern().escape();
        return like.value().accept(this) + " LIKE " + quoted(like.pattern().text())
                + (escape == null ? "" : " ESCAPE " + quoted(escape));
    }

    @Override
    public String isNull(Condition.IsNull isNull) {
        return isNull.value().accept(this) + " IS NULL";
    }

    @Override
    public String truth(Condition.Truth truth) {
        return truth.value().accept(this);
    }

    @Override
    public String string(Operand.StringLiteral literal) {
        return quoted(literal.value());
    }

    @Override
    public String bool(Operand.BooleanLiteral literal) {
        return literal.value() ? "TRUE" : "FALSE";
    }

    @Override
    public String exact(Operand.ExactLiteral literal) {
        return Long.toString(literal.value());
    }

    @Override
    public String approximate(Operand.ApproximateLiteral literal) {
        return Double.toString(literal.value());
    }

    @Override
    public String property(Operand.Property property) {
        return property.name();
    }

    @Override
    public String header(Operand.HeaderField field) {
        return field.header().text();
    }

    @Override
    public String json(Operand.JsonField field) {
        return Operand.JsonField.PREFIX + String.join("$", field.path());
    }

    /** A sign directly before a literal would become part of it. */
    @Override
    public String negation(Operand.Negation negation) {
        boolean bare =
                negation.operand() instanceof Operand.Identifier || negation.operand() instanceof Operand.Negation;
        return "-" + (bare ? negation.operand().accept(this) : inParentheses(negation.operand()));
    }

    @Override
    public String arithmetic(Operand.Arithmetic arithmetic) {
        boolean additive = arithmetic.operator().additive();
        Operand left = arithmetic.left();
        Operand right = arithmetic.right();
        boolean leftBinds = additive || !isSum(left);
        boolean rightBinds = additive ? !isSum(right) : !(right instanceof Operand.Arithmetic);
        return (leftBinds ? left.accept(this) : inParentheses(left))
                + " " + arithmetic.operator().symbol() + " "
                + (rightBinds ? right.accept(this) : inParentheses(right));
    }

    private static boolean isSum(Operand operand) {
        return operand instanceof Operand.Arithmetic arithmetic
                && arithmetic.operator().additive();
    }
}
