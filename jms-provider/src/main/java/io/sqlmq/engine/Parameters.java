package io.sqlmq.engine;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/** The parameters of a {@link Pipeline}, set one after the other. Refuses texts that none can be, see {@link Texts}. */
final class Parameters {

    private final Connection connection;
    private final PreparedStatement statement;
    private int index;
    private long size;

    Parameters(Connection connection, PreparedStatement statement) {
        this.connection = connection;
        this.statement = statement;
    }

    /** About how many bytes of text and binary data were set. */
    long size() {
        return size;
    }

    Parameters text(@Nullable String value) throws SQLException {
        size += value == null ? 0 : value.length();
        statement.setObject(++index, typed(Texts.checked(value)));
        return this;
    }

    Parameters integer(int value) throws SQLException {
        statement.setInt(++index, value);
        return this;
    }

    Parameters bigint(long value) throws SQLException {
        statement.setLong(++index, value);
        return this;
    }

    Parameters bigintOrNull(@Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(++index, Types.BIGINT);
        } else {
            statement.setLong(++index, value);
        }
        return this;
    }

    Parameters bytea(byte @Nullable [] value) throws SQLException {
        size += value == null ? 0 : value.length;
        statement.setBytes(++index, value);
        return this;
    }

    Parameters bool(boolean value) throws SQLException {
        statement.setBoolean(++index, value);
        return this;
    }

    Parameters uuid(@Nullable UUID value) throws SQLException {
        statement.setObject(++index, value, Types.OTHER);
        return this;
    }

    /** A value in the server's own text format, typed by the statement. */
    Parameters literal(@Nullable String value) throws SQLException {
        statement.setObject(++index, value, Types.OTHER);
        return this;
    }

    /** The parameters of a {@link Selection}. */
    Parameters values(List<Object> values) throws SQLException {
        for (Object value : values) {
            statement.setObject(++index, value instanceof String text ? typed(Texts.checked(text)) : value);
        }
        return this;
    }

    Parameters texts(@Nullable String[] values) throws SQLException {
        for (String value : values) {
            size += value == null ? 0 : value.length();
            Texts.checked(value);
        }
        return array("text", values);
    }

    Parameters bytes(byte @Nullable [] @Nullable [] values) throws SQLException {
        for (byte[] value : values) {
            size += value == null ? 0 : value.length;
        }
        return array("bytea", values);
    }

    Parameters smallints(Short[] values) throws SQLException {
        return array("int2", values);
    }

    Parameters integers(Integer[] values) throws SQLException {
        return array("int4", values);
    }

    Parameters bigints(@Nullable Long[] values) throws SQLException {
        return array("int8", values);
    }

    Parameters bools(Boolean[] values) throws SQLException {
        return array("bool", values);
    }

    Parameters uuids(@Nullable UUID[] values) throws SQLException {
        return array("uuid", values);
    }

    /** Row addresses, as the server printed them. */
    Parameters tids(List<String> values) throws SQLException {
        if (values.isEmpty()) {
            return literal("{}");
        }
        StringBuilder text = new StringBuilder(values.size() * 12).append('{');
        for (String value : values) {
            text.append(text.length() == 1 ? "\"" : ",\"").append(value).append('"');
        }
        return literal(text.append('}').toString());
    }

    /** Of the type of our columns: what the driver makes of strings is varchar, for which no operator fits exactly. */
    private static PGobject typed(@Nullable String value) throws SQLException {
        PGobject text = new PGobject();
        text.setType("text");
        text.setValue(value);
        return text;
    }

    private Parameters array(String type, @Nullable Object[] values) throws SQLException {
        statement.setArray(++index, connection.createArrayOf(type, values));
        return this;
    }
}
