package io.sqlmq.jms;

/** Writes docs/configuration.md from the table of options. */
final class ConfigurationDocs {
    private static final String HEAD = """
            # Configuration

            <!-- Written from the table of options (SqlmqOption). To rewrite it after a change there:
                 mvn -pl jms-provider -am test -Dtest='ConfigurationDocsTest,OptionSettersTest' -Dsurefire.failIfNoSpecifiedTests=false -Dsqlmq.docs.update=true -->

            Options stand in the URL, with the prefix `sqlmq.`, beside the parameters of the PostgreSQL driver:

            ```java
            new SqlmqConnectionFactory("jdbc:postgresql://localhost:5432/shop?sqlmq.schema=mq&sqlmq.maximumPoolSize=8&user=shop");
            ```

            or are set by the setters of `SqlmqOptions`, which have the same names, until the first connection is created.
            Values in a URL are percent-encoded. An option that does not exist, a value out of range, and options that
            contradict each other are refused. Times are in milliseconds; their setters take a `Duration` too.

            Several hosts, as with `failover:` elsewhere, are the driver's business:
            `jdbc:postgresql://a:5432,b:5432/shop?targetServerType=primary`.
            """;

    private static final String REDELIVERY = """

            These options together are a `RedeliveryPolicy`. The factory's holds where nothing else is said;
            `SqlmqOptions.setRedeliveryPolicy("orders.>", policy)` sets one for some destinations, where `*` stands for one
            part of a name between dots and `>` for the rest; the message property `JMS_SQLMQ_REDELIVERY` sets one for a
            message, as text: `maximumRedeliveries=2&redeliveryDelay=500`.
            """;

    private ConfigurationDocs() {}

    static String text() {
        StringBuilder text = new StringBuilder(HEAD);
        for (SqlmqOption.Group group : SqlmqOption.Group.values()) {
            text.append("\n## ").append(group.title()).append('\n');
            if (group == SqlmqOption.Group.REDELIVERY) {
                text.append(REDELIVERY);
            }
            text.append("\n| Option | Value | Default | Meaning |\n|---|---|---|---|\n");
            for (SqlmqOption option : SqlmqOption.of(group)) {
                text.append("| `").append(option.optionName()).append("` | ");
                text.append(option.type().title()).append(" | ");
                text.append(defaultOf(option)).append(" | ");
                text.append(option.description()).append(" |\n");
            }
        }
        return text.toString();
    }

    private static String defaultOf(SqlmqOption option) {
        String text = option.defaultText();
        return text == null || text.isEmpty() ? "none" : "`" + text + "`";
    }
}
