package io.sqlmq.schema;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A call of a function, with arguments by name; each is an expression of SQL. */
record Call(String function, Map<String, String> arguments) {

    /** Names and values in turn. */
    static Call of(String function, String... arguments) {
        return new Call(function, Map.of()).with(arguments);
    }

    /** With these arguments in place of those of the same names. */
    Call with(String... arguments) {
        Map<String, String> all = new LinkedHashMap<>(arguments());
        for (int i = 0; i < arguments.length; i += 2) {
            all.put(arguments[i], arguments[i + 1]);
        }
        return new Call(function, all);
    }

    String sql() {
        return arguments.entrySet().stream()
                .map(argument -> argument.getKey() + " => " + argument.getValue())
                .collect(Collectors.joining(", ", function + "(", ")"));
    }

    static String literal(Object value) {
        return value == null ? "NULL" : "'" + value.toString().replace("'", "''") + "'";
    }

    static String array(String type, Object... values) {
        return array(type, Arrays.asList(values));
    }

    static String array(String type, Collection<?> values) {
        return values.stream().map(Call::literal).collect(Collectors.joining(", ", "ARRAY[", "]::" + type + "[]"));
    }
}
