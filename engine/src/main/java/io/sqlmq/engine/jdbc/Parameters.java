package io.sqlmq.engine.jdbc;

import io.sqlmq.engine.model.Selection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PGobject;

/** The parameters of a {@link Pipeline}, set one after the other. Refuses texts that none can be, see {@link Texts}. */
public final class Parameters {

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

    public Parameters text(@Nullable String value) throws SQLException {
        size += value == null ? 0 : value.length();
        statement.setObject(++index, typed(Texts.checked(value)));
        return this;
    }

    public Parameters integer(int value) throws SQLException {
        statement.setInt(++index, value);
        return this;
    }

    public Parameters bigint(long value) throws SQLException {
        statement.setLong(++index, value);
        return this;
    }

    public Parameters bigintOrNull(@Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(++index, Types.BIGINT);
        } else {
            statement.setLong(++index, value);
        }
        return this;
    }

    public Parameters bytea(byte @Nullable [] value) throws SQLException {
        size += value == null ? 0 : value.length;
        statement.setBytes(++index, value);
        return this;
    }

    public Parameters bool(boolean value) throws SQLException {
        statement.setBoolean(++index, value);
        return this;
    }

    public Parameters uuid(@Nullable UUID value) throws SQLException {
        statement.setObject(++index, value, Types.OTHER);
        return this;
    }

    /** A value in the server's own text format, typed by the statement. */
    public Parameters literal(@Nullable String value) throws SQLException {
        statement.setObject(++index, value, Types.OTHER);
        return this;
    }

    /** The parameters of a {@link Selection}. */
    public Parameters values(List<Object> values) throws SQLException {
        for (Object value : values) {
            statement.setObject(++index, value instanceof String text ? typed(Texts.checked(text)) : value);
        }
        return this;
    }

    public Parameters texts(@Nullable String[] values) throws SQLException {
        for (String value : values) {
            size += value == null ? 0 : value.length();
            Texts.checked(value);
        }
        return array("text", values);
    }

    public Parameters bytes(byte @Nullable [] @Nullable [] values) throws SQLException {
        for (byte[] value : values) {
            size += value == null ? 0 : value.length;
        }
        return array("bytea", values);
    }

    public Parameters smallints(Short[] values) throws SQLException {
        return array("int2", values);
    }

    public Parameters integers(Integer[] values) throws SQLException {
        return array("int4", values);
    }

    public Parameters bigints(@Nullable Long[] values) throws SQLException {
        return array("int8", values);
    }

    public Parameters bools(Boolean[] values) throws SQLException {
        return array("bool", values);
    }

    public Parameters uuids(@Nullable UUID[] values) throws SQLException {
        return array("uuid", values);
    }

    /** Row addresses, as the server printed them. */
    public Parameters tids(List<String> values) throws SQLException {
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
