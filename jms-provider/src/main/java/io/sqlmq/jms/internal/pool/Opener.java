package io.sqlmq.jms.internal.pool;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections that are in no pool; {@code close()} ends them. */
@FunctionalInterface
interface Opener {
    Connection open() throws SQLException;
}
