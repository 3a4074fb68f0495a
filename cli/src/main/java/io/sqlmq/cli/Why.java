package io.sqlmq.cli;

import java.sql.SQLException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "why",
        description =
                "Says why a message is not delivered: delayed, backing off, leased by whom, behind which other, paused, …")
final class Why extends Verb {
    @Parameters(paramLabel = "<id>", description = "the JMSMessageID, or the id in mq_messages")
    private String id = "";

    @Override
    int run() throws SQLException {
        Table found = query("SELECT mq_why(?) AS why", Show.rowId(id));
        Object why = found.column("why").get(0);
        if (why == null) {
            throw Show.missing(id);
        }
        report(Table.cell(why), found);
        return DONE;
    }
}
