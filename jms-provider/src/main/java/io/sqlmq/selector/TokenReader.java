package io.sqlmq.selector;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks over the tokens of one selector, one token ahead, and words the errors. */
final class TokenReader {
    private final String text;
    private final List<Token> tokens;
    private int index;
    private int depth;
    private int operators;

    TokenReader(String text) throws SelectorSyntaxException {
        this.text = text;
        this.tokens = Lexer.tokens(text);
    }

    String text() {
        return text;
    }

    Token peek() {
        return tokens.get(index);
    }

    Token next() {
        Token token = tokens.get(index);
        if (token.type() != Token.Type.END) {
            index++;
        }
        return token;
    }

    boolean skip(Token.Type type) {
        boolean found = peek().type() == type;
        if (found) {
            index++;
        }
        return found;
    }

    boolean skipSymbol(String symbol) {
        boolean found = peek().isSymbol(symbol);
        if (found) {
            index++;
        }
        return found;
    }

    Token expect(Token.Type type, String rule) throws SelectorSyntaxException {
        if (peek().type() != type) {
            throw error(rule + ", not " + peek().shown());
        }
        return next();
    }

    void expectSymbol(String symbol, String rule) throws SelectorSyntaxException {
        if (!skipSymbol(symbol)) {
            throw error(rule + ", not " + peek().shown());
        }
    }

    /** Enters a nesting of parentheses, NOT or signs; bounded, because everything here is recursive. */
    void descend() throws SelectorSyntaxException {
        if (++depth > Limits.DEPTH) {
            throw error("it is nested more than " + Limits.DEPTH + " levels deep");
        }
    }

    void ascend() {
        depth--;
    }

    /** Counts an arithmetic operator between operands: each makes the tree deeper, although they are read without recursion. */
    void operator() throws SelectorSyntaxException {
        if (++operators > Limits.OPERATORS) {
            throw error(Limits.exceeded(Limits.OPERATORS, "arithmetic operators"));
        }
    }

    SelectorSyntaxException error(String problem) {
        return error(problem, peek());
    }

    SelectorSyntaxException error(String problem, Token token) {
        return new SelectorSyntaxException(problem, text, token.position());
    }

    static @Nullable ComparisonOperator comparison(Token token) {
        if (token.type() == Token.Type.SYMBOL) {
            for (ComparisonOperator operator : ComparisonOperator.values()) {
                if (operator.symbol().equals(token.text())) {
                    return operator;
                }
            }
        }
        return null;
    }
}
