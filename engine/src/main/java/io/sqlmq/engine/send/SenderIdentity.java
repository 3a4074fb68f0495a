package io.sqlmq.engine.send;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Who sends, as the database knows it. Thread-safe. */
public final class SenderIdentity {
    private static final String ROLE = "SELECT session_user::text";

    private final Database database;
    private volatile @Nullable String role;

    public SenderIdentity(Database database) {
        this.database = database;
    }

    /** The role that this engine's connections have authenticated as. One statement the first time. */
    public String role() throws SQLException {
        String known = role;
        if (known == null) {
            Text answer = new Text();
            database.run(answer.query(ROLE));
            known = answer.text;
            role = known;
        }
        return known;
    }

    /** The identifier of the transaction that is open on a connection of the application. */
    public static String transactionId(Connection connection) throws SQLException {
        Text answer = new Text();
        answer.query(Statements.TRANSACTION_ID).run(connection);
        return answer.text;
    }

    private static final class Text {
        private String text = "";

        Pipeline query(String statement) {
            return new Pipeline().query(statement, p -> {}, rows -> {
                rows.next();
                text = rows.getString(1);
            });
        }
    }
}
