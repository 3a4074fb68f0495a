package io.sqlmq.selector;

import java.util.ArrayList;
import java.util.List;

/** Recursive descent over the grammar of §3.8.1: OR, AND, NOT, predicates; {@link OperandParser} does the rest. */
final class Parser {
    private final TokenReader in;
    private final OperandParser operands;

    private Parser(String text) throws SelectorSyntaxException {
        in = new TokenReader(text);
        operands = new OperandParser(in, this::or);
    }

    static Condition parse(String text) throws SelectorSyntaxException {
        if (text.length() > Limits.TEXT) {
            throw new SelectorSyntaxException("it is longer than " + Limits.TEXT + " characters", text, Limits.TEXT);
        }
        Parser parser = new Parser(text);
        try {
            return parser.whole(text);
        } catch (StackOverflowError e) {
            // A level takes some ten frames, which are large before the JVM has optimized them, and the stack may be
            // small.
            throw parser.in.error("it is nested too deep for the stack of this thread");
        }
    }

    private Condition whole(String text) throws SelectorSyntaxException {
        Token start = in.peek();
        Condition condition = condition(or(), start);
        if (in.peek().type() != Token.Type.END) {
            throw in.error("unexpected " + in.peek().shown());
        }
        Limits.check(condition, text);
        return condition;
    }

    private Expression or() throws SelectorSyntaxException {
        Token start = in.peek();
        Expression first = and();
        if (in.peek().type() != Token.Type.OR) {
            return first;
        }
        List<Condition> terms = new ArrayList<>();
        terms.add(condition(first, start));
        while (in.skip(Token.Type.OR)) {
            Token term = in.peek();
            terms.add(condition(and(), term));
        }
        return new Condition.Or(terms);
    }

    private Expression and() throws SelectorSyntaxException {
        Token start = in.peek();
        Expression first = not();
        if (in.peek().type() != Token.Type.AND) {
            return first;
        }
        List<Condition> terms = new ArrayList<>();
        terms.add(condition(first, start));
        while (in.skip(Token.Type.AND)) {
            Token term = in.peek();
            terms.add(condition(not(), term));
        }
        return new Condition.And(terms);
    }

    private Expression not() throws SelectorSyntaxException {
        if (!in.skip(Token.Type.NOT)) {
            return predicate();
        }
        in.descend();
        Token term = in.peek();
        Condition negated = new Condition.Not(condition(not(), term));
        in.ascend();
        return negated;
    }

    private Expression predicate() throws SelectorSyntaxException {
        Token start = in.peek();
        Expression left = operands.sum();
        Token next = in.peek();
        ComparisonOperator operator = TokenReader.comparison(next);
        if (operator != null) {
            in.next();
            return comparison(operator, left, start);
        }
        return switch (next.type()) {
            case IS -> isNull(operands.operand(left, start));
            case NOT -> {
                in.next();
                Condition test = testOf(left, start);
                yield test instanceof Condition.Between between ? between.outside() : new Condition.Not(test);
            }
            case BETWEEN, IN, LIKE -> testOf(left, start);
            default -> left;
        };
    }

    private Condition comparison(ComparisonOperator operator, Expression left, Token start)
            throws SelectorSyntaxException {
        Token rightStart = in.peek();
        if (operator.equality()) {
            Operand leftOperand = operands.operand(left, start);
            Operand rightOperand = operands.operand(operands.sum(), rightStart);
            if (!Operand.mayBeAlike(leftOperand, rightOperand)) {
                throw in.error(operator.symbol() + " compares values of one type only", start);
            }
            return new Condition.Comparison(operator, leftOperand, rightOperand);
        }
        String purpose = operator.symbol() + " compares numbers only";
        return new Condition.Comparison(
                operator, operands.number(left, start, purpose), operands.number(operands.sum(), rightStart, purpose));
    }

    private Condition testOf(Expression left, Token start) throws SelectorSyntaxException {
        if (in.skip(Token.Type.BETWEEN)) {
            return between(left, start);
        }
        if (in.skip(Token.Type.IN)) {
            return in(operands.string(left, start, "IN tests strings only"));
        }
        if (in.skip(Token.Type.LIKE)) {
            return like(operands.string(left, start, "LIKE tests strings only"));
        }
        throw in.error(
                "BETWEEN, IN or LIKE is needed after NOT, not " + in.peek().shown());
    }

    private Condition between(Expression left, Token start) throws SelectorSyntaxException {
        String purpose = "BETWEEN compares numbers only";
        Operand value = operands.number(left, start, purpose);
        Token lowStart = in.peek();
        Operand low = operands.number(operands.sum(), lowStart, purpose);
        in.expect(Token.Type.AND, "AND is needed between the bounds of BETWEEN");
        Token highStart = in.peek();
        return new Condition.Between(value, low, operands.number(operands.sum(), highStart, purpose));
    }

    private Condition in(Operand value) throws SelectorSyntaxException {
        in.expectSymbol("(", "IN needs a list of string literals in parentheses");
        List<String> choices = new ArrayList<>();
        do {
            choices.add(in.expect(Token.Type.STRING, "IN lists string literals").text());
        } while (in.skipSymbol(","));
        in.expectSymbol(")", "the list of IN ends with ')'");
        return new Condition.In(value, choices);
    }

    private Condition like(Operand value) throws SelectorSyntaxException {
        Token text = in.expect(Token.Type.STRING, "LIKE needs a string literal as its pattern");
        String escape = null;
        if (in.skip(Token.Type.ESCAPE)) {
            Token literal = in.expect(Token.Type.STRING, "ESCAPE needs a string literal");
            escape = literal.text();
            if (escape.codePointCount(0, escape.length()) != 1) {
                throw in.error("ESCAPE needs exactly one character", literal);
            }
        }
        LikePattern pattern = new LikePattern(text.text(), escape);
        if (pattern.endsInEscape()) {
            throw in.error("the pattern ends with its escape character, which has nothing to escape", text);
        }
        return new Condition.Like(value, pattern);
    }

    private Condition isNull(Operand value) throws SelectorSyntaxException {
        in.next();
        boolean negated = in.skip(Token.Type.NOT);
        in.expect(Token.Type.NULL, "IS is followed by NULL or NOT NULL");
        Condition isNull = new Condition.IsNull(value);
        return negated ? new Condition.Not(isNull) : isNull;
    }

    private Condition condition(Expression expression, Token start) throws SelectorSyntaxException {
        if (expression instanceof Condition condition) {
            return condition;
        }
        if (expression instanceof Operand.Identifier || expression instanceof Operand.BooleanLiteral) {
            return new Condition.Truth((Operand) expression);
        }
        throw in.error("a condition is needed, not a value alone", start);
    }
}
