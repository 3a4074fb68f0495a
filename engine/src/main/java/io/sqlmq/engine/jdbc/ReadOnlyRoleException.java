package io.sqlmq.engine.jdbc;

import java.sql.SQLException;

/** The role's transactions are read-only on a server that others can write to. That does not pass by itself. */
public final class ReadOnlyRoleException extends SQLException {

    private static final long serialVersionUID = 1L;

    ReadOnlyRoleException(String role) {
        super(
                "Transactions of the role " + role + " are read-only, on a server that can be written to",
                Failures.READ_ONLY);
    }
}
