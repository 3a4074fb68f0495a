package io.sqlmq.integration.faults;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Rows with random values in all columns of all tables, as a buggy or hostile program might insert them. But for that of paused queues: its
 * rows are there to stop the others.
 */
final class RandomRows {

    private record Column(String name, String type, boolean nullable, boolean defaulted) {}

    private static final String COLUMNS = """
            SELECT c.table_name, c.column_name, c.udt_name, c.is_nullable = 'YES', c.column_default IS NOT NULL
              FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
             WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name LIKE 'mq!_%' ESCAPE '!'
               AND c.table_name NOT IN ('mq_schema_history', 'mq_paused', 'mq_limits')
             ORDER BY c.table_name, c.ordinal_position""";

    private static final List<String> JSON = List.of(
            "null",
            "{}",
            "[]",
            "1",
            "\"x\"",
            "{\"a\": 1}",
            "{\"a\": {\"b\": [1, null]}, \"\": 1e308, \"c d\": \"e\"}",
            "{\"JMSXGroupID\": \"g\", \"JMSXDeliveryCount\": -1, \"JMS_SQLMQ_DeadLetterAt\": \"x\"}",
            "{\"a\": \"long\", \"b\": \"nothing\"}",
            "{\"n\": 1" + "0".repeat(400) + ", \"AMQ_SCHEDULED_PERIOD\": -5}");

    private static final List<String> TIMES = List.of(
            "now()",
            "now() - interval '1 h'",
            "now() + interval '1 h'",
            "now() + interval '2 s'",
            "'infinity'",
            "'-infinity'",
            "'epoch'",
            "'294276-12-31'",
            "'4713-01-01 BC'");

    private final Random random;
    private final List<String> texts;
    private final List<String> channels;
    private final List<UUID> ids = new ArrayList<>();
    private final Map<String, List<Column>> tables = new TreeMap<>();

    RandomRows(String url, long seed, List<String> channels) throws SQLException {
        this.random = new Random(seed);
        this.channels = channels;
        for (int i = 0; i < 20; i++) {
            ids.add(new UUID(random.nextLong(), random.nextLong()));
        }
        ids.add(new UUID(0, 0));
        texts = new ArrayList<>(List.of(
                "",
                "x",
                "x".repeat(300),
                "€".repeat(600),
                "topic://t",
                "queue://",
                "queue://a?b=c",
                "topic://" + "t".repeat(300),
                "temp-queue://x",
                "temp-topic://",
                "sqlmq-temp:1:1:1",
                "s:1",
                "\\u:\\uD800",
                "\\u:\\u00",
                "maximumRedeliveries=-1",
                "maximumRedeliveries=1,redeliveryDelay=9223372036854775807",
                "a = 'b'",
                "a LIKE",
                "text",
                "bytes",
                "map",
                "stream",
                "object",
                "message",
                "hologram",
                "* * * * *",
                "Europe/Berlin",
                "{\"a\": 1}",
                "'; --"));
        texts.addAll(channels);
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(COLUMNS)) {
            while (rows.next()) {
                tables.computeIfAbsent(rows.getString(1), t -> new ArrayList<>())
                        .add(new Column(rows.getString(2), rows.getString(3), rows.getBoolean(4), rows.getBoolean(5)));
            }
        }
    }

    /** An INSERT of one row; most are of messages. */
    String next() {
        List<String> names = new ArrayList<>(tables.keySet());
        String table = random.nextInt(10) < 7
                ? pick(List.of("mq_msgs", "mq_msgs_unlogged"))
                : names.get(random.nextInt(names.size()));
        boolean message = table.startsWith("mq_msgs");
        Map<String, String> row = new TreeMap<>();
        for (Column column : tables.get(table)) {
            if (message && column.name().equals("id") && random.nextInt(4) > 0) {
                row.put("id", "gen_random_uuid()");
            } else if (message && column.name().equals("channel_name")) {
                row.put(column.name(), quoted(pick(random.nextInt(20) > 0 ? channels : texts)));
            } else if (!(column.nullable() || column.defaulted()) || random.nextInt(message ? 6 : 2) == 0) {
                row.put(column.name(), value(column));
            }
        }
        return "INSERT INTO " + table + " (" + String.join(", ", row.keySet()) + ") VALUES ("
                + row.values().stream().collect(Collectors.joining(", ")) + ")";
    }

    private String value(Column column) {
        if (column.nullable() && random.nextInt(8) == 0) {
            return "NULL";
        }
        return switch (column.type()) {
            case "uuid" -> quoted(pick(ids).toString());
            case "text" -> quoted(pick(texts));
            case "int8" -> number(Long.MIN_VALUE, Long.MAX_VALUE);
            case "int4" -> number(Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "int2" -> number(Short.MIN_VALUE, Short.MAX_VALUE);
            case "bool" -> pick(List.of("true", "false"));
            case "timestamptz" -> pick(TIMES);
            case "interval" -> pick(List.of("'0'", "'-1 s'", "'1 s'", "'178000000 years'", "'-178000000 years'"));
            case "jsonb" -> quoted(pick(JSON));
            case "bytea" -> "'\\x" + HexFormat.of().formatHex(bytes()) + "'";
            case "xid8" -> quoted(Long.toUnsignedString(random.nextLong()));
            case "_text" -> "'{}'";
            default -> throw new AssertionError("A value of type " + column.type() + " for " + column.name());
        };
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        // Some begin as a serialized object does, some are text.
        return switch (random.nextInt(3)) {
            case 0 -> HexFormat.of().parseHex("aced0005740001");
            case 1 -> pick(texts).getBytes(StandardCharsets.UTF_8);
            default -> bytes;
        };
    }

    private String number(long least, long most) {
        return String.valueOf(
                switch (random.nextInt(8)) {
                    case 0 -> least;
                    case 1 -> most;
                    case 2 -> most - 1;
                    case 3 -> -1L;
                    case 4 -> 0L;
                    case 5, 6 -> (long) random.nextInt(12);
                    default -> least / 2 + (long) (random.nextDouble() * most);
                });
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
