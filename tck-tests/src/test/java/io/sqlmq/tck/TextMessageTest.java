package io.sqlmq.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.TextMessage;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** TextMessage through the provider: §3.11. */
class TextMessageTest extends ConformanceTest {

    static Stream<String> texts() {
        return Stream.of(
                "",
                " ",
                "text",
                "a'b\"c\\d",
                "line\r\nline\rline\n",
                "{\"json\": [1, 2.50, 1e400]}",
                "\u00e4\u20ac\u4e2d\ud83d\ude00",
                "\u0000",
                "a\u0000b\u0000",
                "\\u0000",
                "\ud800",
                "a\udc00b",
                "\ufeffbom",
                "\ufffe\uffff",
                "x".repeat(1 << 20),
                "\u20ac".repeat(1 << 18),
                allCharacters());
    }

    /** Every char once, in an order that pairs no surrogates by chance. */
    private static String allCharacters() {
        StringBuilder all = new StringBuilder();
        for (int c = Character.MAX_VALUE; c >= 0; c--) {
            all.append((char) c);
        }
        return all.toString();
    }

    @ParameterizedTest(name = "[{index}]")
    @MethodSource("texts")
    void textsArriveAsSent(String text) throws JMSException {
        TextMessage received = (TextMessage) exchange(session.createTextMessage(text));
        assertThat(text.equals(received.getText()))
                .as("text equals the sent one")
                .isTrue();
        assertThat(received.getBody(String.class).length()).isEqualTo(text.length());
    }

    @Test
    void randomTextsArriveAsSent() throws JMSException {
        Random random = new Random(42);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 100_000; i++) {
            text.append((char) random.nextInt(1 << 16));
        }
        TextMessage received = (TextMessage) exchange(session.createTextMessage(text.toString()));
        assertThat(received.getText().contentEquals(text)).isTrue();
    }

    @Test
    void aMessageWithoutTextHasNoBody() throws JMSException {
        TextMessage received = (TextMessage) exchange(session.createTextMessage());
        assertThat(received.getText()).isNull();
        assertThat(received.getBody(String.class)).isNull();
        assertThat(((TextMessage) exchange(session.createTextMessage(null))).getText())
                .isNull();
    }

    @Test
    void aReceivedBodyIsReadOnlyUntilCleared() throws JMSException { // §3.11.2
        TextMessage received = (TextMessage) exchange(session.createTextMessage("m"));
        received.setJMSType("headers may be set");
        assertThatThrownBy(() -> received.setText("other")).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.getText()).isEqualTo("m");
        received.clearBody();
        assertThat(received.getText()).isNull();
        received.setText("other");
        assertThat(received.getText()).isEqualTo("other");
    }

    @Test
    void clearBodyKeepsPropertiesAndHeaders() throws JMSException { // §3.11.1
        TextMessage message = session.createTextMessage("m");
        message.setIntProperty("p", 1);
        TextMessage received = (TextMessage) exchange(message);
        String id = received.getJMSMessageID();
        received.clearBody();
        assertThat(received.getIntProperty("p")).isOne();
        assertThat(received.getJMSMessageID()).isEqualTo(id);
    }

    @Test
    void theBodyMayBeHadAsStringOrSupertype() throws JMSException {
        TextMessage received = (TextMessage) exchange(session.createTextMessage("m"));
        assertThat(received.isBodyAssignableTo(String.class)).isTrue();
        assertThat(received.isBodyAssignableTo(CharSequence.class)).isTrue();
        assertThat(received.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(received.isBodyAssignableTo(byte[].class)).isFalse();
        assertThat(received.getBody(CharSequence.class)).isEqualTo("m");
        assertThatThrownBy(() -> received.getBody(Map.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anAbsentBodyIsNullAsAnything() throws JMSException {
        TextMessage received = (TextMessage) exchange(session.createTextMessage());
        assertThat(received.isBodyAssignableTo(byte[].class)).isTrue();
        assertThat(received.getBody(byte[].class)).isNull();
    }
}
