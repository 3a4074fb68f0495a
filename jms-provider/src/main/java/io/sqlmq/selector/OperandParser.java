package io.sqlmq.selector;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of the grammar that yields values: sums, products, signs, literals, identifiers, parentheses. What stands in
 * parentheses may also be a condition; whether it may, the caller decides.
 */
final class OperandParser {

    /** Parses what may stand in parentheses. */
    interface Nested {
        Expression parse() throws SelectorSyntaxException;
    }

    private static final String ARITHMETIC = "arithmetic needs numbers";

    private final TokenReader in;
    private final Nested nested;

    OperandParser(TokenReader in, Nested nested) {
        this.in = in;
        this.nested = nested;
    }

    Expression sum() throws SelectorSyntaxException {
        Token start = in.peek();
        Expression left = product();
        ArithmeticOperator operator;
        while ((operator = arithmetic(true)) != null) {
            left = arithmetic(operator, left, start, in.peek(), product());
        }
        return left;
    }

    private Expression product() throws SelectorSyntaxException {
        Token start = in.peek();
        Expression left = signed();
        ArithmeticOperator operator;
        while ((operator = arithmetic(false)) != null) {
            left = arithmetic(operator, left, start, in.peek(), signed());
        }
        return left;
    }

    private Operand arithmetic(
            ArithmeticOperator operator, Expression left, Token leftStart, Token rightStart, Expression right)
            throws SelectorSyntaxException {
        in.operator();
        return new Operand.Arithmetic(
                operator, number(left, leftStart, ARITHMETIC), number(right, rightStart, ARITHMETIC));
    }

    private @Nullable ArithmeticOperator arithmetic(boolean additive) {
        for (ArithmeticOperator operator : ArithmeticOperator.values()) {
            if (operator.additive() == additive && in.skipSymbol(operator.symbol())) {
                return operator;
            }
        }
        return null;
    }

    private Expression signed() throws SelectorSyntaxException {
        boolean negative = in.skipSymbol("-");
        if (!negative && !in.skipSymbol("+")) {
            return primary();
        }
        Token literal = in.peek();
        if (literal.type() == Token.Type.EXACT || literal.type() == Token.Type.APPROXIMATE) {
            in.next();
            return literal(literal, negative);
        }
        in.descend();
        Operand operand = number(signed(), literal, "a sign needs a number");
        in.ascend();
        // A plus changes no number and makes nothing else a number, just as 0 plus it.
        return negative
                ? new Operand.Negation(operand)
                : new Operand.Arithmetic(ArithmeticOperator.ADD, new Operand.ExactLiteral(0), operand);
    }

    private Expression primary() throws SelectorSyntaxException {
        Token token = in.next();
        return switch (token.type()) {
            case STRING -> new Operand.StringLiteral(token.text());
            case TRUE, FALSE -> new Operand.BooleanLiteral(token.type() == Token.Type.TRUE);
            case EXACT, APPROXIMATE -> literal(token, false);
            case IDENTIFIER -> identifier(token);
            case SYMBOL -> {
                if (!token.text().equals("(")) {
                    throw in.error("a value is needed, not " + token.shown(), token);
                }
                in.descend();
                Expression inner = nested.parse();
                in.ascend();
                in.expectSymbol(")", "a closing parenthesis is needed");
                yield inner;
            }
            default -> throw in.error("a value is needed, not " + token.shown(), token);
        };
    }

    private Operand literal(Token token, boolean negative) throws SelectorSyntaxException {
        if (token.number() instanceof Double value) {
            return new Operand.ApproximateLiteral(negative ? -value : value);
        }
        BigInteger value = negative ? token.integer().negate() : token.integer();
        if (value.bitLength() >= Long.SIZE) {
            throw NumericLiteral.outOfRange(in.text(), token.position());
        }
        return new Operand.ExactLiteral(value.longValueExact());
    }

    private Operand identifier(Token token) throws SelectorSyntaxException {
        String name = token.text();
        Header header = Header.named(name);
        if (header != null) {
            return new Operand.HeaderField(header);
        }
        if (Header.NOT_SELECTABLE.contains(name)) {
            throw in.error("a selector cannot name the header field " + name, token);
        }
        if (!name.startsWith(Operand.JsonField.PREFIX)) {
            return new Operand.Property(name);
        }
        List<String> path =
                List.of(name.substring(Operand.JsonField.PREFIX.length()).split("\\$", -1));
        if (path.contains("")) {
            throw in.error("every step of a JSON path needs a name: " + name, token);
        }
        return new Operand.JsonField(path);
    }

    /** {@code expression} where any value may stand. */
    Operand operand(Expression expression, Token start) throws SelectorSyntaxException {
        if (expression instanceof Operand operand) {
            return operand;
        }
        throw in.error("a value is needed, not a condition", start);
    }

    /** {@code expression} where a number must stand. */
    Operand number(Expression expression, Token start, String rule) throws SelectorSyntaxException {
        if (expression instanceof Operand.StringLiteral || expression instanceof Operand.BooleanLiteral) {
            throw in.error(rule, start);
        }
        return operand(expression, start);
    }

    /** {@code expression} where a string must stand. */
    Operand string(Expression expression, Token start, String rule) throws SelectorSyntaxException {
        if (expression instanceof Operand.StringLiteral || expression instanceof Operand.Identifier) {
            return (Operand) expression;
        }
        throw in.error(rule, start);
    }
}
