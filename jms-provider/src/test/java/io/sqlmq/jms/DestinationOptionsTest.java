package io.sqlmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationOptionsTest {

    @Test
    void aNameWithoutQuestionMarkHasNone() {
        assertThat(new SqlmqQueue("orders").getOptions()).isEqualTo(DestinationOptions.NONE);
        assertThat(DestinationOptions.NONE.isEmpty()).isTrue();
    }

    @Test
    void optionsAreNoPartOfTheName() {
        SqlmqQueue queue = new SqlmqQueue("orders?consumer.prefetchSize=10&consumer.priority=5&consumer.exclusive=true"
                + "&consumer.selector=colour%3D'red'&redelivery.maximumRedeliveries=1");
        assertThat(queue.getQueueName()).isEqualTo("orders");
        assertThat(queue).isEqualTo(new SqlmqQueue("orders")).hasSameHashCodeAs(new SqlmqQueue("orders"));
        assertThat(queue).hasToString("queue://orders");
        assertThat(queue.getOptions())
                .isEqualTo(new DestinationOptions(10, true, 5, false, "colour='red'", "maximumRedeliveries=1"));
        assertThat(DestinationOptions.parse(queue.getOptions().format())).isEqualTo(queue.getOptions());
    }

    @Test
    void thePriorityOfArtemisIsTheSame() {
        assertThat(new SqlmqQueue("orders?consumer-priority=7").getOptions().priority())
                .isEqualTo(7);
    }

    @Test
    void optionsSurviveSerialization() throws Exception {
        SqlmqTopic topic = new SqlmqTopic("prices?consumer.noLocal=true");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(topic);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            SqlmqTopic read = (SqlmqTopic) in.readObject();
            assertThat(read).isEqualTo(topic);
            assertThat(read.getOptions().noLocal()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "consumer.dispatchAsync=false",
                "consumer.maximumPendingMessageLimit=10",
                "consumer.retroactive=true",
                "consumer.prefetchSize=0"
            })
    void whatOnlyABrokerNeedsIsIgnored(String options) {
        DestinationOptions parsed = DestinationOptions.parse(options);
        assertThat(parsed.exclusive()).isFalse();
        assertThat(parsed.prefetchSize()).isIn(null, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "consumer.prefetchsize=1      | did you mean \"consumer.prefetchSize\"?",
                "colour=red                   | Known are consumer.prefetchSize, consumer.exclusive",
                "consumer.prefetchSize=many   | integer from 0 to 1000000 is needed",
                "consumer.prefetchSize=-1     | integer from 0 to 1000000 is needed",
                "consumer.priority=128        | integer from -128 to 127 is needed",
                "consumer.exclusive=yes       | true or false is needed",
                "redelivery.maximumRedelivery=1 | did you mean \"maximumRedeliveries\"?",
                "redelivery.redeliveryDelay=x | redeliveryDelay=x is not possible",
                "consumer.selector=%          | write %25",
                "what                         | SqlmqQueue.literal",
            })
    void whatIsNotPossibleIsRefusedWithAHint(String options, String hint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SqlmqQueue("orders?" + options))
                .withMessageContaining(hint);
    }

    @Test
    void aLiteralNameIsNothingButAName() {
        SqlmqQueue queue = SqlmqQueue.literal("a?b=c,d.*");
        assertThat(queue.getQueueName()).isEqualTo("a?b=c,d.*");
        assertThat(queue.getOptions()).isEqualTo(DestinationOptions.NONE);
        assertThat(queue.isComposite()).isFalse();
        assertThat(queue.isPattern()).isFalse();
        assertThat(SqlmqTopic.literal("x?").getTopicName()).isEqualTo("x?");
    }

    @Test
    void commasSeparateDestinations() {
        SqlmqQueue composite = new SqlmqQueue("a, b,topic://c,queue://a,,");
        assertThat(composite.isComposite()).isTrue();
        assertThat(composite.getCompositeDestinations())
                .containsExactly(new SqlmqQueue("a"), new SqlmqQueue("b"), new SqlmqTopic("c"));
        assertThat(new SqlmqTopic("a,queue://b").getCompositeDestinations())
                .containsExactly(new SqlmqTopic("a"), new SqlmqQueue("b"));
        assertThat(new SqlmqQueue("x".repeat(200) + "," + "y".repeat(200)).getCompositeDestinations())
                .hasSize(2);
        assertThatIllegalArgumentException().isThrownBy(() -> new SqlmqQueue(","));
        assertThatIllegalArgumentException().isThrownBy(() -> new SqlmqQueue("a," + "y".repeat(256)));
        assertThat(new SqlmqQueue("a").getCompositeDestinations()).containsExactly(new SqlmqQueue("a"));
    }

    @Test
    void wholeSegmentsAreWildcards() {
        for (String pattern : new String[] {"a.*", "*", "*.b", "a.>", ">"}) {
            assertThat(new SqlmqTopic(pattern).isPattern()).as(pattern).isTrue();
        }
        for (String name : new String[] {"a*", "a.b>", "a.*b", "a>b"}) {
            assertThat(new SqlmqTopic(name).isPattern()).as(name).isFalse();
        }
    }
}
