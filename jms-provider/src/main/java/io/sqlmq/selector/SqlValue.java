package io.sqlmq.selector;

import org.jspecify.annotations.Nullable;

/**
 * An operand in SQL, whose type is known only row by row: one expression per type that it may have, each NULL in rows
 * where the value is of another type. An expression is absent (null) where the operand never has that type.
 *
 * @param known boolean, never NULL: whether the operand has a value; absent if it always has one
 * @param string text
 * @param bool boolean
 * @param exact numeric
 * @param number float8: any number, also the exact ones
 * @param approximate whether {@code number} may be another number than {@code exact}
 * @param mayBeNaN whether {@code number} may be NaN
 */
record SqlValue(
        @Nullable Fragment known,
        @Nullable Fragment string,
        @Nullable Fragment bool,
        @Nullable Fragment exact,
        @Nullable Fragment number,
        boolean approximate,
        boolean mayBeNaN) {

    enum Kind {
        STRING,
        BOOL,
        EXACT,
        NUMBER
    }

    static SqlValue ofString(@Nullable Fragment known, Fragment string) {
        return new SqlValue(known, string, null, null, null, false, false);
    }

    static SqlValue ofBool(Fragment bool) {
        return new SqlValue(null, null, bool, null, null, false, false);
    }

    static SqlValue ofExact(@Nullable Fragment known, Fragment exact, Fragment number) {
        return new SqlValue(known, null, null, exact, number, false, false);
    }

    static SqlValue ofApproximate(Fragment number) {
        return new SqlValue(null, null, null, null, number, true, false);
    }

    /** The only type that a value can have in any row, null if there are several or none. */
    @Nullable
    Kind onlyKind() {
        if (mayBeNaN) {
            return null;
        }
        if (string != null) {
            return bool == null && number == null ? Kind.STRING : null;
        }
        if (bool != null) {
            return number == null ? Kind.BOOL : null;
        }
        if (exact != null) {
            return approximate ? null : Kind.EXACT;
        }
        return number == null ? null : Kind.NUMBER;
    }
}
