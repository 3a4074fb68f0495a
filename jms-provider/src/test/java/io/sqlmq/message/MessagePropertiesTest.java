package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.message.ConversionTable.Target;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Message properties (§3.5). */
class MessagePropertiesTest {
    private final SqlmqMessage message = new MessageFactory(TrustedClasses.defaults()).createMessage();

    /** §3.5.4, Table 3-2 */
    @ParameterizedTest
    @MethodSource("io.sqlmq.message.ConversionTable#properties")
    void aPropertyIsReadAsTheTypesOfTheTableAndNoOthers(Object value, Target target) throws JMSException {
        message.setObjectProperty("p", value);

        ConversionTable.check(value, target, () -> read("p", target));
    }

    /** §3.5.4, §3.5.8 */
    @ParameterizedTest
    @EnumSource(
            names = {"CHAR", "BYTES"},
            mode = EnumSource.Mode.EXCLUDE)
    void aMissingPropertyIsReadAsNull(Target target) throws JMSException {
        message.setStringProperty("nothing", null);

        ConversionTable.checkNull(target, () -> read("missing", target));
        ConversionTable.checkNull(target, () -> read("nothing", target));
    }

    /** §3.5.4 */
    @ParameterizedTest
    @EnumSource(
            names = {"CHAR", "BYTES"},
            mode = EnumSource.Mode.EXCLUDE)
    void aStringThatIsNoNumberIsNone(Target target) throws JMSException {
        message.setStringProperty("p", "no number");

        ConversionTable.checkNoNumber(target, () -> read("p", target));
    }

    @Test
    void aStringIsTrueInAnyCase() throws JMSException {
        message.setStringProperty("p", "TRUE");

        assertThat(message.getBooleanProperty("p")).isTrue();
    }

    /** §3.5.5 */
    @Test
    void everySetterKeepsItsType() throws JMSException {
        message.setBooleanProperty("boolean", true);
        message.setByteProperty("byte", Byte.MIN_VALUE);
        message.setShortProperty("short", Short.MIN_VALUE);
        message.setIntProperty("int", Integer.MIN_VALUE);
        message.setLongProperty("long", Long.MIN_VALUE);
        message.setFloatProperty("float", Float.MIN_VALUE);
        message.setDoubleProperty("double", -0.0);
        message.setStringProperty("string", "s");

        assertThat(message.getObjectProperty("boolean")).isEqualTo(true);
        assertThat(message.getObjectProperty("byte")).isEqualTo(Byte.MIN_VALUE);
        assertThat(message.getObjectProperty("short")).isEqualTo(Short.MIN_VALUE);
        assertThat(message.getObjectProperty("int")).isEqualTo(Integer.MIN_VALUE);
        assertThat(message.getObjectProperty("long")).isEqualTo(Long.MIN_VALUE);
        assertThat(message.getObjectProperty("float")).isEqualTo(Float.MIN_VALUE);
        assertThat(message.getObjectProperty("double")).isEqualTo(-0.0);
        assertThat(message.getObjectProperty("string")).isEqualTo("s");
    }

    /** §3.5.5 */
    @Test
    void otherClassesAreRefused() {
        for (Object value : List.of(BigDecimal.ONE, 'c', new byte[0], new Object(), List.of())) {
            assertThatThrownBy(() -> message.setObjectProperty("p", value))
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining(value.getClass().getTypeName());
        }
    }

    /** §3.5.1, §3.8.1.1 */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1a",
                "a-b",
                "a.b",
                "a b",
                "NULL",
                "TRUE",
                "FALSE",
                "not",
                "AND",
                "or",
                "BETWEEN",
                "LIKE",
                "IN",
                "IS",
                "ESCAPE",
                "JMSType",
                "JMSMessageID"
            })
    void namesThatNoSelectorCouldUseAreRefused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> message.setIntProperty(name, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> message.setObjectProperty(name, "x"));
    }

    @Test
    void aNullNameIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> message.setStringProperty(null, "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "_", "$1", "Stra\u00DFe", "\uD835\uDC65", "nullable", "JMS_IBM_Format", "JMSXUserID"})
    void otherNamesAreFine(String name) throws JMSException {
        message.setIntProperty(name, 1);

        assertThat(message.getIntProperty(name)).isEqualTo(1);
        assertThat(message.propertyExists(name)).isTrue();
    }

    /** §3.5.6 */
    @Test
    void namesAreListedInTheOrderOfTheirSettingWithoutHeaders() throws JMSException {
        message.setJMSCorrelationID("c");
        message.setIntProperty("b", 1);
        message.setIntProperty("a", 1);
        message.setIntProperty("b", 2);
        message.setStringProperty("n", null);

        assertThat(names()).containsExactly("b", "a", "n");
        assertThat(message.propertyExists("n")).isTrue();
        assertThat(message.propertyExists("JMSCorrelationID")).isFalse();
    }

    /** §3.5.9 */
    @Test
    void groupPropertiesHaveTheirTypes() throws JMSException {
        message.setObjectProperty("JMSXGroupID", 5);
        message.setObjectProperty("JMSXGroupSeq", 7L);

        assertThat(message.getObjectProperty("JMSXGroupID")).isEqualTo("5");
        assertThat(message.getObjectProperty("JMSXGroupSeq")).isEqualTo(7);
        message.setStringProperty("JMSXGroupSeq", "8");
        assertThat(message.getObjectProperty("JMSXGroupSeq")).isEqualTo(8);
        assertThatThrownBy(() -> message.setLongProperty("JMSXGroupSeq", Long.MAX_VALUE))
                .isInstanceOf(MessageFormatException.class);
    }

    /** §3.5.11 */
    @Test
    void theDeliveryCountIsAnIntProperty() throws JMSException {
        assertThat(message.propertyExists("JMSXDeliveryCount")).isFalse();
        message.setIntProperty("a", 1);
        message.setDeliveryCount(2);

        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(message.getObjectProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(message.propertyExists("JMSXDeliveryCount")).isTrue();
        assertThat(names()).containsExactly("a", "JMSXDeliveryCount");
        assertThat(message.getJMSRedelivered()).isFalse();
    }

    /** Forwarding code copies all properties; the count of the new message is the provider's to set. */
    @Test
    void anApplicationMaySetTheDeliveryCountWithoutEffectOnWhatIsSent() throws JMSException {
        message.setObjectProperty("JMSXDeliveryCount", 3);

        assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(3);
        MessageCodec codec = new MessageCodec(TrustedClasses.defaults());
        assertThat(codec.decode(codec.encode(message)).propertyExists("JMSXDeliveryCount"))
                .isFalse();
    }

    /** §3.5.9: forwarding code copies all properties, with what a provider has set before. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "JMSXUserID",
                "JMSXAppID",
                "JMSXProducerTXID",
                "JMS_SQLMQ_DeadLetterReason",
                "JMS_SQLMQ_LastError",
                "JMS_SQLMQ_Checkpoint"
            })
    void whatOnlyTheProviderSaysIsNotSentOn(String name) throws JMSException {
        message.setStringProperty(name, "theirs");
        message.setIntProperty("JMSXGroupSeq", 1);
        message.setIntProperty("a", 2);
        MessageCodec codec = new MessageCodec(TrustedClasses.defaults());
        SqlmqMessage received = codec.decode(codec.encode(message));

        message.setBySend(Map.of());
        received.setBySend(Map.of());

        assertThat(names()).containsExactly("JMSXGroupSeq", "a");
        assertThat(Collections.list(received.getPropertyNames())).containsExactlyInAnyOrder("JMSXGroupSeq", "a");
        assertThat(codec.decode(codec.encode(received)).propertyExists(name)).isFalse();
    }

    @Test
    void whatTheProviderSaysReplacesWhatIsThereAlsoInAReceivedMessage() throws JMSException {
        message.setStringProperty("JMSXUserID", "theirs");
        message.setIntProperty("a", 1);
        message.markReceived();

        message.setBySend(Map.of("JMSXAppID", "ours"));

        assertThat(names()).containsExactly("a", "JMSXAppID");
        assertThat(message.getStringProperty("JMSXAppID")).isEqualTo("ours");
        MessageCodec codec = new MessageCodec(TrustedClasses.defaults());
        assertThat(codec.decode(codec.encode(message)).getStringProperty("JMSXAppID"))
                .isEqualTo("ours");
    }

    @Test
    void whatADeliverySetsIsThere() throws JMSException {
        message.setReceived(5, "tx");
        assertThat(names()).containsExactly("JMSXRcvTimestamp", "JMSXConsumerTXID");
        assertThat(message.getObjectProperty("JMSXRcvTimestamp")).isEqualTo(5L);
        assertThat(message.getObjectProperty("JMSXConsumerTXID")).isEqualTo("tx");
    }

    @Test
    void aNumberThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> message.getIntProperty("missing")).hasMessageContaining("missing");
        assertThatThrownBy(() -> message.getIntProperty(null)).hasMessageContaining("null");
    }

    @Test
    void whatADeliverySetsMayBeCopiedAndTakenAway() throws JMSException {
        message.setObjectProperty("JMSXRcvTimestamp", 5L);
        message.setObjectProperty("JMSXConsumerTXID", "tx");
        assertThat(message.getLongProperty("JMSXRcvTimestamp")).isEqualTo(5);
        assertThat(message.getStringProperty("JMSXConsumerTXID")).isEqualTo("tx");

        message.setObjectProperty("JMSXRcvTimestamp", null);
        message.setObjectProperty("JMSXConsumerTXID", null);
        assertThat(message.propertyExists("JMSXRcvTimestamp")).isFalse();
        assertThat(message.propertyExists("JMSXConsumerTXID")).isFalse();
    }

    /** §3.5.3, §3.5.7 */
    @Test
    void propertiesOfAReceivedMessageAreReadOnlyUntilTheyAreCleared() throws JMSException {
        message.setIntProperty("a", 1);
        message.setDeliveryCount(1);
        message.markReceived();

        assertThatThrownBy(() -> message.setIntProperty("a", 2)).isInstanceOf(MessageNotWriteableException.class);
        assertThatThrownBy(() -> message.setObjectProperty("b", null))
                .isInstanceOf(MessageNotWriteableException.class)
                .hasMessageContaining("clearProperties");
        assertThat(message.getIntProperty("a")).isEqualTo(1);

        message.clearProperties();
        assertThat(names()).isEmpty();
        message.setIntProperty("b", 2);
        assertThat(names()).containsExactly("b");
    }

    private List<String> names() throws JMSException {
        return Collections.list(message.getPropertyNames());
    }

    private @Nullable Object read(String name, Target target) throws JMSException {
        return switch (target) {
            case BOOLEAN -> message.getBooleanProperty(name);
            case BYTE -> message.getByteProperty(name);
            case SHORT -> message.getShortProperty(name);
            case INT -> message.getIntProperty(name);
            case LONG -> message.getLongProperty(name);
            case FLOAT -> message.getFloatProperty(name);
            case DOUBLE -> message.getDoubleProperty(name);
            case STRING -> message.getStringProperty(name);
            case CHAR, BYTES -> throw new AssertionError("no property is a " + target);
        };
    }

    @Test
    void whatIsNoPropertyIsRefusedWithWhatToDoInstead() {
        SqlmqMessage message = new MessageFactory(TrustedClasses.defaults()).createMessage();
        assertThatThrownBy(() -> message.setObjectProperty("p", 'c'))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("String.valueOf");
        assertThatThrownBy(() -> message.setObjectProperty("p", new char[] {'c'}))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("char[]")
                .hasMessageContaining("String.valueOf");
        assertThatThrownBy(() -> message.setObjectProperty("p", new byte[1]))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("byte[]")
                .hasMessageContaining("Base64");
    }
}
