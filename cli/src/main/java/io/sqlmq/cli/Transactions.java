package io.sqlmq.cli;

import java.sql.SQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "transactions",
        description =
                "Shows prepared transactions (XA) of this database, the oldest first. Those that nobody ends keep vacuum from cleaning up; "
                        + "the transaction manager should end them, else COMMIT PREPARED or ROLLBACK PREPARED with the gid.")
final class Transactions extends Verb {
    @Option(names = "--all", description = "also those that are not sqlmq's")
    private boolean all;

    @Override
    int run() throws SQLException {
        print(query("""
                SELECT p.gid, p.owner, p.prepared, clock_timestamp() - p.prepared AS age, age(p.transaction) AS held_back
                  FROM pg_catalog.pg_prepared_xacts p
                 WHERE p.database = current_database() AND (? OR starts_with(p.gid, 'sqlmq:')) ORDER BY p.prepared""", all));
        return DONE;
    }
}
