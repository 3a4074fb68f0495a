package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** MapMessage through the provider: §3.11. */
class MapMessageTest extends ConformanceTest {

    private MapMessage all() throws JMSException {
        MapMessage message = session.createMapMessage();
        message.setBoolean("boolean", true);
        message.setByte("byte", Byte.MIN_VALUE);
        message.setShort("short", Short.MAX_VALUE);
        message.setChar("char", '\u20ac');
        message.setInt("int", Integer.MIN_VALUE);
        message.setLong("long", Long.MAX_VALUE);
        message.setFloat("float", Float.NaN);
        message.setDouble("double", -0.0);
        message.setString("string", "a\u0000\ud800");
        message.setBytes("bytes", new byte[] {1, 2, 3});
        message.setBytes("some bytes", new byte[] {1, 2, 3}, 1, 1);
        message.setObject("object", 7L);
        message.setString("null", null);
        return message;
    }

    @Test
    void eachTypeArrives() throws JMSException {
        MapMessage received = (MapMessage) exchange(all());
        assertThat(received.getBoolean("boolean")).isTrue();
        assertThat(received.getByte("byte")).isEqualTo(Byte.MIN_VALUE);
        assertThat(received.getShort("short")).isEqualTo(Short.MAX_VALUE);
        assertThat(received.getChar("char")).isEqualTo('\u20ac');
        assertThat(received.getInt("int")).isEqualTo(Integer.MIN_VALUE);
        assertThat(received.getLong("long")).isEqualTo(Long.MAX_VALUE);
        assertThat(received.getFloat("float")).isNaN();
        assertThat(received.getDouble("double")).isEqualTo(-0.0);
        assertThat(received.getString("string")).isEqualTo("a\u0000\ud800");
        assertThat(received.getBytes("bytes")).containsExactly(1, 2, 3);
        assertThat(received.getBytes("some bytes")).containsExactly(2);
        assertThat(received.getObject("object")).isEqualTo(7L);
        assertThat(received.itemExists("null")).isTrue();
        assertThat(received.getObject("null")).isNull();
        assertThat(received.itemExists("absent")).isFalse();
    }

    @Test
    void typesArePreserved() throws JMSException {
        MapMessage received = (MapMessage) exchange(all());
        assertThat(received.getObject("byte")).isInstanceOf(Byte.class);
        assertThat(received.getObject("short")).isInstanceOf(Short.class);
        assertThat(received.getObject("char")).isInstanceOf(Character.class);
        assertThat(received.getObject("int")).isInstanceOf(Integer.class);
        assertThat(received.getObject("float")).isInstanceOf(Float.class);
        assertThat(received.getObject("double")).isInstanceOf(Double.class);
        assertThat(received.getObject("bytes")).isInstanceOf(byte[].class);
    }

    @Test
    void valuesConvertByTheTable() throws JMSException { // §3.11.3
        MapMessage received = (MapMessage) exchange(all());
        assertThat(received.getLong("byte")).isEqualTo(Byte.MIN_VALUE);
        assertThat(received.getInt("short")).isEqualTo(Short.MAX_VALUE);
        assertThat(received.getString("char")).isEqualTo("\u20ac");
        assertThat(received.getString("boolean")).isEqualTo("true");
        assertThat(received.getDouble("float")).isNaN();
        assertThatThrownBy(() -> received.getByte("int")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getFloat("long")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getChar("string")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getInt("char")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getString("bytes")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getBytes("string")).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> received.getInt("string")).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void anAbsentItemReadsAsNullWould() throws JMSException {
        MapMessage received = (MapMessage) exchange(session.createMapMessage());
        assertThat(received.getString("absent")).isNull();
        assertThat(received.getBytes("absent")).isNull();
        assertThat(received.getBoolean("absent")).isFalse();
        assertThatThrownBy(() -> received.getInt("absent")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> received.getChar("absent")).isInstanceOf(NullPointerException.class);
    }

    @Test
    void itemNamesAreListed() throws JMSException {
        MapMessage message = session.createMapMessage();
        message.setInt("no identifier!", 1);
        message.setInt("b", 2);
        MapMessage received = (MapMessage) exchange(message);
        assertThat(Collections.list((Enumeration<?>) received.getMapNames()))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(String.class))
                .containsExactlyInAnyOrder("no identifier!", "b");
    }

    @Test
    void aReceivedBodyIsReadOnlyUntilCleared() throws JMSException { // §3.11.2
        MapMessage received = (MapMessage) exchange(all());
        assertThatThrownBy(() -> received.setInt("int", 1)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> received.setObject("int", 1)).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThat(received.itemExists("int")).isFalse();
        received.setInt("int", 1);
        assertThat(received.getInt("int")).isOne();
    }

    @Test
    void theBodyMayBeHadAsMap() throws JMSException {
        MapMessage message = session.createMapMessage();
        message.setInt("a", 1);
        message.setString("b", "2");
        MapMessage received = (MapMessage) exchange(message);
        assertThat(received.isBodyAssignableTo(Map.class)).isTrue();
        assertThat(received.isBodyAssignableTo(String.class)).isFalse();
        assertThat((Object) mapBody(received)).isEqualTo(Map.of("a", 1, "b", "2"));
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anEmptyBodyHasNoItems() throws JMSException {
        assertThat(mapBody(exchange(session.createMapMessage()))).isNullOrEmpty();
    }

    @Test
    void illegalNamesAndValuesAreRefused() throws JMSException {
        MapMessage message = session.createMapMessage();
        assertThatThrownBy(() -> message.setInt("", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message.setInt(null, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> message.setObject("a", List.of())).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void aLargeMapArrives() throws JMSException {
        MapMessage message = session.createMapMessage();
        for (int i = 0; i < 1_000; i++) {
            message.setString("item" + i, "v".repeat(1_000));
        }
        MapMessage received = (MapMessage) exchange(message);
        assertThat(Collections.list((Enumeration<?>) received.getMapNames())).hasSize(1_000);
        assertThat(received.getString("item999")).hasSize(1_000);
    }
}
