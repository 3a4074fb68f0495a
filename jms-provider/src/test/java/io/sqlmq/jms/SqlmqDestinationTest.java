package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlmqDestinationTest {

    @Test
    void equalWhenKindAndNameAreEqual() {
        assertThat(new SqlmqQueue("a")).isEqualTo(new SqlmqQueue("a")).hasSameHashCodeAs(new SqlmqQueue("a"));
        assertThat(new SqlmqQueue("a")).isNotEqualTo(new SqlmqTopic("a")).isNotEqualTo(new SqlmqQueue("A"));
    }

    @Test
    void namesItself() {
        assertThat(new SqlmqQueue("a.b")).hasToString("queue://a.b").returns("a.b", SqlmqQueue::getQueueName);
        assertThat(new SqlmqTopic("a.b")).hasToString("topic://a.b").returns("a.b", SqlmqTopic::getTopicName);
        for (SqlmqDestination destination : Arrays.asList(new SqlmqQueue("topic:/x"), new SqlmqTopic("queue://y"))) {
            assertThat(SqlmqDestination.parse(destination.toString())).isEqualTo(destination);
        }
        assertThat(SqlmqDestination.parse("plain")).isEqualTo(new SqlmqQueue("plain"));
    }

    @Test
    void survivesSerialization() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new SqlmqTopic("Preise.€"));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(new SqlmqTopic("Preise.€"));
        }
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "a\0b"})
    @MethodSource("tooLongOrBroken")
    void namesThatPostgresCannotHoldAreRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SqlmqQueue(name))
                .withMessageStartingWith("The name of the destination");
    }

    static String[] tooLongOrBroken() {
        return new String[] {"x".repeat(256), "€".repeat(86), "😀".repeat(64), "a" + '\ud800', '\udc00' + "a"};
    }

    @ParameterizedTest
    @MethodSource("longest")
    void namesUpToTheLimitAreAccepted(String name) {
        assertThat(new SqlmqQueue(name).getQueueName()).isEqualTo(name);
    }

    static String[] longest() {
        return new String[] {"x".repeat(255), "€".repeat(85), "😀".repeat(63), " ", "queue://", "a\nb"};
    }
}
