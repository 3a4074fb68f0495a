package io.sqlmq.selector;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Tests one message in memory. A condition gives null for unknown, an operand null for NULL (§3.8.1.2). */
final class Evaluation implements Condition.Visitor<@Nullable Boolean>, Operand.Visitor<@Nullable Value> {
    private final MessageView message;
    private @Nullable JsonBody body;

    Evaluation(MessageView message) {
        this.message = message;
    }

    @Override
    public @Nullable Boolean and(Condition.And and) {
        Boolean result = true;
        for (Condition term : and.terms()) {
            Boolean value = term.accept(this);
            if (value == null) {
                result = null;
            } else if (!value) {
                return false;
            }
        }
        return result;
    }

    @Override
    public @Nullable Boolean or(Condition.Or or) {
        Boolean result = false;
        for (Condition term : or.terms()) {
            Boolean value = term.accept(this);
            if (value == null) {
                result = null;
            } else if (value) {
                return true;
            }
        }
        return result;
    }

    @Override
    public @Nullable Boolean not(Condition.Not not) {
        Boolean value = not.term().accept(this);
        return value == null ? null : (Boolean) !value;
    }

    @Override
    public @Nullable Boolean comparison(Condition.Comparison comparison) {
        Value left = comparison.left().accept(this);
        Value right = comparison.right().accept(this);
        return (left == null || right == null) ? null : (Boolean) compare(comparison.operator(), left, right);
    }

    /** Values of unlike types are neither equal nor unequal nor in any order (§3.8.1.2). */
    private static boolean compare(ComparisonOperator operator, Value left, Value right) {
        if (left instanceof Value.Exact l && right instanceof Value.Exact r) {
            return operator.test(l.value(), r.value());
        }
        Double leftNumber = left.asDouble();
        Double rightNumber = right.asDouble();
        if (leftNumber != null && rightNumber != null) {
            return operator.test((double) leftNumber, (double) rightNumber);
        }
        boolean alike = (left instanceof Value.Text && right instanceof Value.Text)
                || (left instanceof Value.Bool && right instanceof Value.Bool);
        return operator.equality() && alike && left.equals(right) == (operator == ComparisonOperator.EQUAL);
    }

    @Override
    public @Nullable Boolean between(Condition.Between between) {
        Boolean atLeast = between.atLeast().accept(this);
        Boolean atMost = between.atMost().accept(this);
        if (Boolean.FALSE.equals(atLeast) || Boolean.FALSE.equals(atMost)) {
            return false;
        }
        return (atLeast == null || atMost == null) ? null : (Boolean) true;
    }

    @Override
    public @Nullable Boolean in(Condition.In in) {
        return in.value().accept(this) instanceof Value.Text text
                ? (Boolean) in.choices().contains(text.value())
                : null;
    }

    @Override
    public @Nullable Boolean like(Condition.Like like) {
        return (like.value().accept(this) instanceof Value.Text text && text.isPlain())
                ? (Boolean) like.pattern().matches(text.value())
                : null;
    }

    @Override
    public Boolean isNull(Condition.IsNull isNull) {
        return isNull.value().accept(this) == null;
    }

    @Override
    public @Nullable Boolean truth(Condition.Truth truth) {
        return truth.value().accept(this) instanceof Value.Bool bool ? (Boolean) bool.value() : null;
    }

    @Override
    public Value string(Operand.StringLiteral literal) {
        return new Value.Text(literal.value());
    }

    @Override
    public Value bool(Operand.BooleanLiteral literal) {
        return new Value.Bool(literal.value());
    }

    @Override
    public Value exact(Operand.ExactLiteral literal) {
        return new Value.Exact(BigInteger.valueOf(literal.value()));
    }

    @Override
    public Value approximate(Operand.ApproximateLiteral literal) {
        return new Value.Approximate(literal.value());
    }

    @Override
    public @Nullable Value property(Operand.Property property) {
        return Value.of(message.property(property.name()));
    }

    @Override
    public @Nullable Value header(Operand.HeaderField field) {
        return Value.of(message.header(field.header().text()));
    }

    @Override
    public @Nullable Value json(Operand.JsonField field) {
        if (body == null) {
            body = JsonBody.of(message.body());
        }
        return body.field(field.path());
    }

    @Override
    public @Nullable Value negation(Operand.Negation negation) {
        Value value = negation.operand().accept(this);
        if (value instanceof Value.Exact exact) {
            return new Value.Exact(exact.value().negate());
        }
        return value instanceof Value.Approximate number ? new Value.Approximate(-number.value()) : null;
    }

    @Override
    public @Nullable Value arithmetic(Operand.Arithmetic arithmetic) {
        Value left = arithmetic.left().accept(this);
        Value right = arithmetic.right().accept(this);
        if (left == null || right == null) {
            return null;
        }
        if (left instanceof Value.Exact l && right instanceof Value.Exact r) {
            BigInteger exact = arithmetic.operator().apply(l.value(), r.value());
            return exact == null ? null : new Value.Exact(exact);
        }
        Double leftNumber = left.asDouble();
        Double rightNumber = right.asDouble();
        if (leftNumber == null || rightNumber == null) {
            return null;
        }
        Double number = arithmetic.operator().apply((double) leftNumber, (double) rightNumber);
        return number == null ? null : new Value.Approximate(number);
    }
}
