package io.sqlmq.integration;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a database over the connection of the question before: conditions are looked at many times, and a new connection costs the
 * server more than the answer. What changes the session needs a connection of its own.
 */
public final class KeptConnection {

    private static final int VALID_SECONDS = 5;

    private static String url = "";
    private static @Nullable Connection kept;

    private KeptConnection() {}

    /** The first column of all rows; nulls are the text null. */
    public static synchronized List<String> ask(String jdbcUrl, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection(jdbcUrl).createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
        }
        return values;
    }

    private static Connection connection(String jdbcUrl) throws SQLException {
        Connection open = kept;
        if (open != null && url.equals(jdbcUrl) && open.isValid(VALID_SECONDS)) {
            return open;
        }
        if (open != null) {
            open.close();
        }
        kept = null;
        open = DriverManager.getConnection(jdbcUrl);
        url = jdbcUrl;
        kept = open;
        return open;
    }
}
