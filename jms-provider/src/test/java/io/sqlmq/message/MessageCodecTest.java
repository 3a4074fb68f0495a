package io.sqlmq.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is stored of a message, and that everything comes back from it. */
class MessageCodecTest {
    private final MessageFactory factory = new MessageFactory(TrustedClasses.defaults());
    private final MessageCodec codec = new MessageCodec(TrustedClasses.defaults());

    @Property
    void everyPropertyComesBackWithItsTypeAndInOrder(@ForAll("properties") Map<String, @Nullable Object> properties)
            throws JMSException {
        SqlmqMessage sent = factory.createMessage();
        for (Map.Entry<String, @Nullable Object> property : properties.entrySet()) {
            sent.setObjectProperty(property.getKey(), property.getValue());
        }

        StoredContent stored = codec.encode(sent);

        SqlmqMessage received = codec.decode(stored);
        assertThat(propertiesOf(received)).isEqualTo(properties);
        assertThat(Collections.list(received.getPropertyNames())).containsExactlyElementsOf(properties.keySet());
        assertThat(codec.encode(received))
                .as("resent unread or read, it is the same")
                .isEqualTo(stored);
    }

    @Test
    void aJobThatHasTwoBodiesIsAMapOfBoth() throws JMSException {
        StoredContent job = new StoredContent(null, "{}", new byte[] {1}, null, null);

        SqlmqMapMessage received = (SqlmqMapMessage) codec.decode(job);

        assertThat(received.getString("json")).isEqualTo("{}");
        assertThat(received.getBytes("bytes")).containsExactly(1);
        assertThat(codec.decode(new StoredContent(null, null, new byte[] {1}, null, null)))
                .isInstanceOf(SqlmqTextMessage.class);
    }

    @Test
    void aCheckpointIsATextThatCanBeStoredAndNotTooLong() throws JMSException {
        assertThat(MessageCodec.checkpoint("page 3")).isEqualTo("{\"JMS_SQLMQ_Checkpoint\":\"page 3\"}");
        assertThat(MessageCodec.checkpoint("x".repeat(100_000))).contains("x".repeat(100_000));
        for (String refused : List.of("x".repeat(100_001), "\0")) {
            assertThatThrownBy(() -> MessageCodec.checkpoint(refused))
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining("100000");
        }
    }

    @Property
    void everyTextComesBack(@ForAll("strings") String text) throws JMSException {
        StoredContent stored = codec.encode(factory.createTextMessage(text));

        assertThat(((SqlmqTextMessage) codec.decode(stored)).getText()).isEqualTo(text);
        assertThat(stored.bodyType() == null).isEqualTo(HeaderText.isStorable(text));
        if (stored.bodyType() == null) {
            assertThat(stored.text()).isEqualTo(text);
            assertThat(stored.bytes()).isNull();
        } else {
            assertThat(stored.bodyType()).isEqualTo(StoredContent.TEXT);
            assertThat(stored.text()).isNull();
        }
    }

    @Property
    void everyMapComesBackWithItsTypesAndInOrder(@ForAll("fields") List<@Nullable Object> values) throws JMSException {
        SqlmqMapMessage sent = factory.createMapMessage();
        for (int i = 0; i < values.size(); i++) {
            sent.setObject("n\0\uD800" + i, values.get(i));
        }

        SqlmqMapMessage received = (SqlmqMapMessage) codec.decode(codec.encode(sent));

        List<@Nullable Object> read = new ArrayList<>();
        for (String name : Collections.list(received.getMapNames())) {
            assertThat(name).isEqualTo("n\0\uD800" + read.size());
            read.add(received.getObject(name));
        }
        assertThat(read.toArray()).isEqualTo(values.toArray());
    }

    @Property
    void everyStreamComesBackWithItsTypes(@ForAll("fields") List<@Nullable Object> values) throws JMSException {
        SqlmqStreamMessage sent = factory.createStreamMessage();
        for (Object value : values) {
            sent.writeObject(value);
        }

        SqlmqStreamMessage received = (SqlmqStreamMessage) codec.decode(codec.encode(sent));

        List<@Nullable Object> read = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            read.add(received.readObject());
        }
        assertThat(read.toArray()).isEqualTo(values.toArray());
        assertThatThrownBy(received::readObject).isInstanceOf(MessageEOFException.class);
    }

    @Test
    void nullAndEmptyTextAreDifferent() throws JMSException {
        StoredContent none = codec.encode(factory.createTextMessage(null));
        StoredContent empty = codec.encode(factory.createTextMessage(""));

        assertThat(none).isEqualTo(new StoredContent(null, null, null, null, null));
        assertThat(empty).isEqualTo(new StoredContent(null, "", null, null, null));
        assertThat(((SqlmqTextMessage) codec.decode(none)).getText()).isNull();
        assertThat(((SqlmqTextMessage) codec.decode(empty)).getText()).isEmpty();
    }

    @Test
    void propertiesAreJsonThatSqlCanRead() throws JMSException {
        SqlmqMessage message = factory.createTextMessage("x");
        message.setStringProperty("city", "K\u00F6ln \"am\" Rhein\n");
        message.setIntProperty("count", -7);
        message.setBooleanProperty("urgent", true);
        message.setDoubleProperty("price", 12.5);
        message.setStringProperty("nothing", null);

        StoredContent stored = codec.encode(message);

        assertThat(stored.properties())
                .isEqualTo("{\"city\":\"K\u00F6ln \\\"am\\\" Rhein\\n\",\"count\":-7,\"urgent\":true,\"price\":12.5,"
                        + "\"nothing\":null}");
        assertThat(stored.propertyTypes()).as("JSON tells it all").isNull();
    }

    @Test
    void whatJsonDoesNotTellStandsBesideIt() throws JMSException {
        SqlmqMessage message = factory.createTextMessage("x");
        message.setLongProperty("long", 5);
        message.setShortProperty("short", (short) 6);
        message.setByteProperty("byte", (byte) 7);
        message.setFloatProperty("float", 0.5f);
        message.setDoubleProperty("big", 1e10);
        message.setDoubleProperty("nan", Double.NaN);
        message.setFloatProperty("zero", -0.0f);
        message.setStringProperty("nul", "a\0b");

        StoredContent stored = codec.encode(message);

        assertThat(stored.properties())
                .isEqualTo("{\"long\":5,\"short\":6,\"byte\":7,\"float\":0.5,\"big\":10000000000,\"nan\":\"NaN\","
                        + "\"zero\":-0.0,\"nul\":\"a\uFFFDb\"}");
        assertThat(stored.propertyTypes())
                .isEqualTo("{\"long\":\"long\",\"short\":\"short\",\"byte\":\"byte\",\"float\":\"float\","
                        + "\"big\":\"double\",\"nan\":\"double:NaN\",\"zero\":\"float:-0.0\","
                        + "\"nul\":\"string:\\\\u:a\\\\u0000b\"}");
    }

    @Test
    void aFloatIsStoredAsTheDoubleThatASelectorComparesWith() throws JMSException {
        SqlmqMessage message = factory.createTextMessage("x");
        message.setFloatProperty("f", 0.1f);

        StoredContent stored = codec.encode(message);

        assertThat(stored.properties()).isEqualTo("{\"f\":0.10000000149011612}");
        assertThat(codec.decode(stored).getObjectProperty("f")).isEqualTo(0.1f);
    }

    /** What jsonb does to numbers: no exponent, no negative zero; to names: another order. */
    @Test
    void propertiesSurviveWhatJsonbDoesToThem() throws JMSException {
        StoredContent stored = new StoredContent(
                null,
                null,
                null,
                "{\"a\": -0.0, \"zero\": 0.0, \"big\": 10000000000, \"tiny\": 0.000010}",
                "{\"big\": \"double\", \"zero\": \"double:-0.0\"}");

        assertThat(propertiesOf(codec.decode(stored)))
                .containsExactly(
                        Map.entry("a", -0.0), Map.entry("zero", -0.0), Map.entry("big", 1e10), Map.entry("tiny", 1e-5));
    }

    @Test
    void propertiesThatSqlWroteAreReadWithGoodWill() throws JMSException {
        StoredContent stored = new StoredContent(
                null,
                null,
                null,
                "{\"i\": 1, \"l\": 5000000000, \"d\": 100000000000000000000, \"o\": {\"a\": [1, \"}\"]}, \"e\": 1e3,"
                        + " \"list\": [1, 2] , \"s\": \"now a text\", \"b\": 300, \"nul\": \"changed\", \"last\": true}",
                "{\"s\": \"long\", \"b\": \"byte\", \"nul\": \"string:\\\\u:\\\\u0000\", \"i\": \"unheard-of\"}");

        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("i", 1);
        expected.put("l", 5000000000L);
        expected.put("d", 100000000000000000000.0);
        expected.put("o", "{\"a\": [1, \"}\"]}");
        expected.put("e", 1000.0);
        expected.put("list", "[1, 2]");
        expected.put("s", "now a text");
        expected.put("b", 300);
        expected.put("nul", "changed");
        expected.put("last", true);
        assertThat(propertiesOf(codec.decode(stored))).isEqualTo(expected);
    }

    @Test
    void aVeryLongPropertyComesBack() throws JMSException {
        SqlmqMessage message = factory.createMessage();
        message.setStringProperty("long", "0123456789".repeat(3_000_000));

        assertThat(codec.decode(codec.encode(message)).getStringProperty("long"))
                .hasSize(30_000_000);
    }

    @Test
    void brokenPropertiesAreReportedWhenTheyAreAskedForAndNotBefore() throws JMSException {
        SqlmqTextMessage message = (SqlmqTextMessage) codec.decode(new StoredContent(null, "body", null, "[1]", null));

        assertThat(message.getText()).isEqualTo("body");
        assertThatThrownBy(() -> message.propertyExists("a"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("properties");
        SqlmqMessage cut = codec.decode(new StoredContent(null, null, null, "{\"a\":", null));
        assertThatThrownBy(cut::getPropertyNames)
                .isInstanceOf(JMSException.class)
                .hasCauseInstanceOf(Exception.class);
    }

    @Test
    void brokenBodiesAreReportedAndNotGuessed() throws JMSException {
        SqlmqMapMessage map = factory.createMapMessage();
        map.setString("name", "value");
        byte[] body = codec.encode(map).bytes();
        assertThat(body).isNotNull();

        for (int length = 0; length < body.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            SqlmqMapMessage received =
                    (SqlmqMapMessage) codec.decode(new StoredContent(StoredContent.MAP, null, cut, null, null));
            if (length == 1) {
                assertThat(received.itemExists("name"))
                        .as("only the version: an empty map")
                        .isFalse();
            } else {
                assertThatThrownBy(received::getMapNames).isInstanceOf(JMSException.class);
            }
        }
        byte[] newer = {99, 0};
        SqlmqStreamMessage stream =
                (SqlmqStreamMessage) codec.decode(new StoredContent(StoredContent.STREAM, null, newer, null, null));
        assertThatThrownBy(stream::readObject).isInstanceOf(JMSException.class).hasMessageContaining("version");
        assertThatThrownBy(() -> codec.decode(new StoredContent("hologram", null, null, null, null)))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("hologram");
    }

    /** §3.9 */
    @Test
    void laterChangesOfTheMessageDoNotChangeWhatWasSent() throws JMSException {
        byte[] value = {1, 2, 3};
        SqlmqBytesMessage bytes = factory.createBytesMessage();
        bytes.writeBytes(value);
        SqlmqMapMessage map = factory.createMapMessage();
        map.setBytes("a", value);
        SqlmqStreamMessage stream = factory.createStreamMessage();
        stream.writeBytes(value);
        StoredContent storedBytes = codec.encode(bytes);
        StoredContent storedMap = codec.encode(map);
        StoredContent storedStream = codec.encode(stream);

        Arrays.fill(value, (byte) 9);
        bytes.writeByte((byte) 4);
        map.setInt("a", 1);
        stream.writeInt(1);
        map.setStringProperty("later", "x");

        SqlmqBytesMessage sentBytes = (SqlmqBytesMessage) codec.decode(storedBytes);
        assertThat(sentBytes.getBody(byte[].class)).containsExactly(1, 2, 3);
        SqlmqMapMessage sentMap = (SqlmqMapMessage) codec.decode(storedMap);
        assertThat(sentMap.getBytes("a")).containsExactly(1, 2, 3);
        assertThat(sentMap.propertyExists("later")).isFalse();
        SqlmqStreamMessage sentStream = (SqlmqStreamMessage) codec.decode(storedStream);
        assertThat((byte[]) sentStream.readObject()).containsExactly(1, 2, 3);
        assertThatThrownBy(sentStream::readInt).isInstanceOf(MessageEOFException.class);
        assertThat(((SqlmqBytesMessage) codec.decode(codec.encode(bytes))).getBodyLength())
                .isEqualTo(4);
        assertThat(((SqlmqMapMessage) codec.decode(codec.encode(map))).getInt("a"))
                .isEqualTo(1);
        assertThat(codec.decode(codec.encode(stream)).toString()).contains("stream");
    }

    @Test
    void bytesAreStoredAsTheyAre() throws JMSException {
        SqlmqBytesMessage message = factory.createBytesMessage();
        message.writeBytes("plain".getBytes(UTF_8));

        assertThat(codec.encode(message).bytes()).isEqualTo("plain".getBytes(UTF_8));
    }

    @Test
    void theDeliveryCountIsNotStored() throws JMSException {
        SqlmqMessage message = factory.createMessage();
        message.setDeliveryCount(3);

        assertThat(codec.encode(message)).isEqualTo(new StoredContent(StoredContent.MESSAGE, null, null, null, null));
    }

    @Test
    void aDecodedMessageIsReadOnlyUntilItIsCleared() throws JMSException {
        for (SqlmqMessage sent : List.of(
                factory.createMessage(),
                factory.createTextMessage("x"),
                factory.createBytesMessage(),
                factory.createMapMessage(),
                factory.createStreamMessage(),
                factory.createObjectMessage("x"))) {
            sent.setIntProperty("p", 1);
            SqlmqMessage received = codec.decode(codec.encode(sent));

            assertThat(received).hasSameClassAs(sent);
            assertThatThrownBy(() -> received.setIntProperty("p", 2)).isInstanceOf(MessageNotWriteableException.class);
            received.clearProperties();
            received.setIntProperty("q", 2);
            assertThat(propertiesOf(codec.decode(codec.encode(received)))).containsExactly(Map.entry("q", 2));
        }
    }

    private static Map<String, @Nullable Object> propertiesOf(SqlmqMessage message) throws JMSException {
        Map<String, @Nullable Object> properties = new LinkedHashMap<>();
        for (String name : Collections.list(message.getPropertyNames())) {
            properties.put(name, message.getObjectProperty(name));
        }
        return properties;
    }

    @Provide
    Arbitrary<Map<String, Object>> properties() {
        return MessageArbitraries.properties();
    }

    @Provide
    Arbitrary<List<Object>> fields() {
        return MessageArbitraries.fields();
    }

    @Provide
    Arbitrary<String> strings() {
        return MessageArbitraries.strings();
    }
}
