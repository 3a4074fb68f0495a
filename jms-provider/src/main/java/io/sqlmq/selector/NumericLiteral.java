package io.sqlmq.selector;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numeric literals in Java's syntax (§3.8.1.1). An exact literal is a long whatever its suffix, so that
 * {@code 0xFFFFFFFF} is 4294967295; an approximate literal is a double, with the suffix {@code f} the double that equals
 * the float.
 */
final class NumericLiteral {
    private static final String DIGITS = "[0-9](?:[0-9_]*[0-9])?";
    private static final String HEX_DIGITS = "[0-9a-fA-F](?:[0-9a-fA-F_]*[0-9a-fA-F])?";
    private static final String EXPONENT = "[eE][+-]?" + DIGITS;

    private static final Pattern APPROXIMATE = Pattern.compile("0[xX](?:" + HEX_DIGITS + ")?\\.?(?:" + HEX_DIGITS
            + ")?[pP][+-]?" + DIGITS + "[fFdD]?"
            + "|" + DIGITS + "\\.(?:" + DIGITS + ")?(?:" + EXPONENT + ")?[fFdD]?"
            + "|\\." + DIGITS + "(?:" + EXPONENT + ")?[fFdD]?"
            + "|" + DIGITS + EXPONENT + "[fFdD]?"
            + "|" + DIGITS + "[fFdD]");
    private static final Pattern EXACT =
            Pattern.compile("0[xX](?<hex>" + HEX_DIGITS + ")[lL]?|0[bB](?<binary>[01](?:[01_]*[01])?)[lL]?"
                    + "|0(?<octal>_*[0-7](?:[0-7_]*[0-7])?)[lL]?|(?<decimal>0|[1-9](?:[0-9_]*[0-9])?)[lL]?");

    /** What the unary minus can still make a long of. */
    private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(Long.SIZE - 1);

    private NumericLiteral() {}

    static boolean startsAt(String text, int position) {
        return isDigit(text, position) || (text.charAt(position) == '.' && isDigit(text, position + 1));
    }

    /** The literal at {@code position}, where one starts. */
    static Token at(String text, int position) throws SelectorSyntaxException {
        // An exact literal first: hexadecimal digits may look like a suffix.
        Matcher exact = EXACT.matcher(text).region(position, text.length());
        if (exact.lookingAt() && endsAt(text, exact.end())) {
            return exact(text, position, exact);
        }
        Matcher approximate = APPROXIMATE.matcher(text).region(position, text.length());
        if (approximate.lookingAt() && endsAt(text, approximate.end())) {
            return approximate(text, position, approximate.group());
        }
        throw new SelectorSyntaxException(
                "neither a number nor an identifier (identifiers do not start with a digit, and a leading 0 makes a"
                        + " number octal)",
                text,
                position);
    }

    private static boolean isDigit(String text, int position) {
        return position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9';
    }

    private static boolean endsAt(String text, int end) {
        return end == text.length()
                || (text.charAt(end) != '.' && !Character.isJavaIdentifierPart(text.codePointAt(end)));
    }

    private static Token exact(String text, int position, Matcher literal) throws SelectorSyntaxException {
        BigInteger value;
        if (literal.group("hex") != null) {
            value = integer(literal.group("hex"), 16);
        } else if (literal.group("binary") != null) {
            value = integer(literal.group("binary"), 2);
        } else if (literal.group("octal") != null) {
            value = integer(literal.group("octal"), 8);
        } else {
            value = integer(literal.group("decimal"), 10);
        }
        if (value.compareTo(LARGEST) > 0) {
            throw outOfRange(text, position);
        }
        return new Token(Token.Type.EXACT, literal.group(), position, value);
    }

    private static Token approximate(String text, int position, String literal) throws SelectorSyntaxException {
        String digits = literal.replace("_", "");
        boolean single = digits.endsWith("f") || digits.endsWith("F");
        double value;
        try {
            value = single ? Float.parseFloat(digits) : Double.parseDouble(digits);
        } catch (NumberFormatException e) { // 0x.p1 has no digit
            throw new SelectorSyntaxException("not a number: " + literal, text, position);
        }
        if (!Double.isFinite(value)) {
            throw outOfRange(text, position);
        }
        return new Token(Token.Type.APPROXIMATE, literal, position, value);
    }

    static SelectorSyntaxException outOfRange(String text, int position) {
        return new SelectorSyntaxException(
                "a number is out of range (exact numbers are longs, approximate ones doubles)", text, position);
    }

    private static BigInteger integer(String digits, int radix) {
        return new BigInteger(digits.replace("_", ""), radix);
    }
}
