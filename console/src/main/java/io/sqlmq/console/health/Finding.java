package io.sqlmq.console.health;

import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the doctor found.
 *
 * @param check what was looked at, in a word or two
 * @param found what it is like
 * @param advice what to do about it; null if nothing
 */
public record Finding(
        String check, State state, String found, @Nullable String advice) {

    /** How well it is. */
    public enum State {
        /** As it should be. */
        OK,
        /** Worth knowing, and perhaps meant to be so. */
        NOTE,
        /** To be mended. */
        SICK;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String check, String found) {
        return new Finding(check, State.OK, found, null);
    }

    static Finding note(String check, String found, @Nullable String advice) {
        return new Finding(check, State.NOTE, found, advice);
    }

    static Finding sick(String check, String found, String advice) {
        return new Finding(check, State.SICK, found, advice);
    }

    /** Of what could not be looked at: by this role, or at all. */
    static Finding unknown(String check, SQLException e) {
        return note(check, "cannot be seen: " + e.getMessage(), "ask as the owner of the tables");
    }
}
