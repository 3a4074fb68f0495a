package io.sqlmq.selector;

import java.util.ArrayList;
import java.util.List;

/** Cuts a selector's text into tokens (§3.8.1.1). */
final class Lexer {
    private static final List<String> SYMBOLS =
            List.of("<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "(", ")", ",");

    private final String text;
    private int position;

    private Lexer(String text) {
        this.text = text;
    }

    /** The tokens, the last of type END. */
    static List<Token> tokens(String text) throws SelectorSyntaxException {
        Lexer lexer = new Lexer(text);
        List<Token> tokens = new ArrayList<>();
        Token token;
        do {
            token = lexer.next();
            tokens.add(token);
        } while (token.type() != Token.Type.END);
        return tokens;
    }

    private Token next() throws SelectorSyntaxException {
        while (position < text.length() && isWhitespace(text.charAt(position))) {
            position++;
        }
        if (position == text.length()) {
            return new Token(Token.Type.END, "", position, null);
        }
        int first = text.codePointAt(position);
        if (first == '\'') {
            return string();
        }
        if (NumericLiteral.startsAt(text, position)) {
            Token literal = NumericLiteral.at(text, position);
            position += literal.text().length();
            return literal;
        }
        if (Character.isJavaIdentifierStart(first)) {
            return word();
        }
        return symbol();
    }

    /** Space, tab, form feed and line ends, no more (§3.8.1.1). */
    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t' || c == '\f' || c == '\n' || c == '\r';
    }

    private Token string() throws SelectorSyntaxException {
        int start = position;
        StringBuilder value = new StringBuilder();
        int from = start + 1;
        while (true) {
            int quote = text.indexOf('\'', from);
            if (quote < 0) {
                throw new SelectorSyntaxException("a string literal has no closing quote", text, start);
            }
            value.append(text, from, quote);
            if (!text.startsWith("''", quote)) {
                position = quote + 1;
                return new Token(Token.Type.STRING, value.toString(), start, null);
            }
            value.append('\'');
            from = quote + 2;
        }
    }

    private Token word() throws SelectorSyntaxException {
        int start = position;
        while (position < text.length() && Character.isJavaIdentifierPart(text.codePointAt(position))) {
            if (text.charAt(position) == 0) {
                throw new SelectorSyntaxException("an identifier contains a NUL character", text, position);
            }
            position += Character.charCount(text.codePointAt(position));
        }
        String word = text.substring(start, position);
        return new Token(Token.Type.ofWord(word), word, start, null);
    }

    private Token symbol() throws SelectorSyntaxException {
        for (String symbol : SYMBOLS) {
            if (text.startsWith(symbol, position)) {
                position += symbol.length();
                return new Token(Token.Type.SYMBOL, symbol, position - symbol.length(), null);
            }
        }
        String hint = switch (text.charAt(position)) {
            case '!' -> "; write <> for unequal, NOT for negation";
            case '"' -> "; string literals stand in single quotes";
            default -> "";
        };
        throw new SelectorSyntaxException(
                "unexpected character '" + Character.toString(text.codePointAt(position)) + "'" + hint, text, position);
    }
}
