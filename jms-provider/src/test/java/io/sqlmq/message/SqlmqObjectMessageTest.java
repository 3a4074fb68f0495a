package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SqlmqObjectMessageTest {

    record Order(String id, List<BigDecimal> prices) implements Serializable {}

    static final class Node implements Serializable {
        private static final long serialVersionUID = 1L;
        private final @Nullable Object next;

        Node(@Nullable Object next) {
            this.next = next;
        }

        int length() {
            return next instanceof Node node ? 1 + node.length() : 1;
        }
    }

    private final MessageFactory factory = new MessageFactory(TrustedClasses.defaults());

    @SuppressWarnings({"JavaUtilDate", "JdkObsolete"}) // whatever one thinks of them, applications send them
    static Stream<Serializable> valuesOfTheJdk() {
        return Stream.of(
                "text",
                5,
                new BigDecimal("1.50"),
                Instant.EPOCH,
                ZonedDateTime.parse("2026-01-01T00:00:00+01:00[Europe/Berlin]"),
                Duration.ofDays(1),
                UUID.randomUUID(),
                new Date(0),
                BitSet.valueOf(new long[] {5}),
                new int[] {1, 2},
                new String[][] {{"a"}, {}},
                new ArrayList<>(List.of(1, "a")),
                new LinkedList<>(List.of(1)),
                (Serializable) List.of(1, 2, 3),
                (Serializable) Set.of(1, 2),
                (Serializable) Map.of("a", 1),
                EnumSet.of(DayOfWeek.MONDAY),
                new EnumMap<>(Map.of(DayOfWeek.MONDAY, Locale.GERMANY)),
                Currency.getInstance("EUR"),
                (Serializable) Arrays.asList("x", "y"),
                (Serializable) Collections.emptyList(),
                (Serializable) Collections.singletonMap("a", 1),
                (Serializable) Collections.unmodifiableMap(new HashMap<>(Map.of("a", 1))),
                (Serializable) Collections.unmodifiableSet(new HashSet<>(Set.of("a"))),
                new LinkedHashMap<>(Map.of("a", new TreeSet<>(Set.of(1)))),
                new TreeMap<>(Map.of("a", 1)),
                IntStream.range(0, 100_000).boxed().collect(ArrayList::new, List::add, List::addAll),
                IntStream.range(0, 100_000).boxed().collect(HashSet::new, Set::add, Set::addAll));
    }

    @ParameterizedTest
    @MethodSource
    void valuesOfTheJdk(Serializable value) throws JMSException {
        assertThat(received(value, TrustedClasses.defaults()).getObject()).isEqualTo(value);
    }

    @Test
    void aClassThatIsNotTrustedIsNamedTogetherWithTheOption() throws JMSException {
        Serializable order = new Order("1", List.of());
        for (Serializable value :
                List.of(order, new ArrayList<>(List.of(order)), new Order[] {}, new Order[][] {{}}, new Node(null))) {
            SqlmqObjectMessage message = received(value, TrustedClasses.defaults());

            assertThatThrownBy(message::getObject)
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining(SqlmqObjectMessageTest.class.getName() + "$")
                    .hasMessageContaining("trustedPackages");
            assertThat(message.isBodyAssignableTo(Object.class)).isFalse();
            assertThatThrownBy(() -> message.getBody(Object.class)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void aTrustedClassMayComeIn() throws JMSException {
        Order order = new Order("1", new ArrayList<>(List.of(BigDecimal.TEN)));
        for (String entry : List.of(
                "io.sqlmq.message",
                "io.sqlmq",
                "io.sqlmq.*",
                SqlmqObjectMessageTest.class.getName(),
                Order.class.getName(),
                "*")) {
            assertThat(received(order, TrustedClasses.of(List.of("com.acme", entry)))
                            .getObject())
                    .isEqualTo(order);
        }
        SqlmqObjectMessage other = received(order, TrustedClasses.of(List.of("io.sqlm", "io.sqlmq.mess", "com.acme")));
        assertThatThrownBy(other::getObject).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anEmptyEntryIsNoPackage() {
        assertThatIllegalArgumentException().isThrownBy(() -> TrustedClasses.of(List.of(" ")));
        assertThatIllegalArgumentException().isThrownBy(() -> TrustedClasses.of(List.of(".*")));
    }

    @Test
    void deepStructuresAreReadButNotBottomlessOnes() throws JMSException {
        TrustedClasses all = TrustedClasses.of(List.of("*"));

        assertThat(received(chain(400), all).getBody(Node.class).length()).isEqualTo(400);
        SqlmqObjectMessage tooDeep = received(chain(600), all);
        assertThatThrownBy(tooDeep::getObject).isInstanceOf(MessageFormatException.class);
    }

    /** Each level doubles the time that the hash codes of such sets take. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void setsOfSetsThatShareElementsAreReadOnlyWhileThatTakesAMoment() throws JMSException {
        assertThat(received(setsOfSets(10), TrustedClasses.defaults()).isBodyAssignableTo(HashSet.class))
                .isTrue();

        SqlmqObjectMessage message = received(setsOfSets(60), TrustedClasses.defaults());
        assertThatThrownBy(message::getObject).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void theLimitHoldsAlsoWhenTheSetComesAfterTheDeepStructure() throws JMSException {
        Object deep = "end";
        for (int i = 0; i < 60; i++) {
            deep = new Object[] {deep, deep};
        }
        assertThat(received(new Object[] {deep}, TrustedClasses.defaults()).getObject())
                .isInstanceOf(Object[].class);

        SqlmqObjectMessage message = received(new Object[] {deep, new HashSet<>(Set.of(1))}, TrustedClasses.defaults());
        assertThatThrownBy(message::getObject).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void garbageIsReported() throws JMSException {
        SqlmqMessage message = new MessageCodec(TrustedClasses.defaults())
                .decode(new StoredContent(StoredContent.OBJECT, null, new byte[] {1, 2, 3}, null, null));

        assertThatThrownBy(((SqlmqObjectMessage) message)::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasCauseInstanceOf(Exception.class);
    }

    /** §3.12 */
    @Test
    void theObjectIsCopiedWhenItIsSetAndWhenItIsRead() throws JMSException {
        ArrayList<String> list = new ArrayList<>(List.of("a"));
        SqlmqObjectMessage message = factory.createObjectMessage(list);
        list.add("b");

        Object first = message.getObject();
        assertThat(first).isEqualTo(List.of("a")).isNotSameAs(message.getObject());
    }

    @Test
    void theSenderReadsItsOwnObjectWhateverItsClass() throws JMSException {
        Order order = new Order("1", List.of());

        assertThat(factory.createObjectMessage(order).getObject()).isEqualTo(order);
    }

    @Test
    void whatCannotBeSerialisedIsRefusedAtOnce() {
        assertThatThrownBy(() -> factory.createObjectMessage(new Node(new Object())))
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("java.lang.Object");
    }

    @Test
    void theBodyOfAReceivedMessageIsReadOnlyUntilItIsCleared() throws JMSException {
        SqlmqObjectMessage message = received("a", TrustedClasses.defaults());

        assertThatThrownBy(() -> message.setObject("b")).isInstanceOf(MessageNotWriteableException.class);
        assertThat(message.getObject()).isEqualTo("a");
        message.clearBody();
        assertThat(message.getObject()).isNull();
        message.setObject("b");
        assertThat(message.getObject()).isEqualTo("b");
    }

    @Test
    void theBodyFitsItsTypes() throws JMSException {
        SqlmqObjectMessage message = received(new ArrayList<>(List.of(1)), TrustedClasses.defaults());

        assertThat(message.getBody(Serializable.class)).isEqualTo(List.of(1));
        assertThat((Object) message.getBody(List.class)).isEqualTo(List.of(1));
        assertThat(message.isBodyAssignableTo(ArrayList.class)).isTrue();
        assertThat(message.isBodyAssignableTo(String.class)).isFalse();
        assertThatThrownBy(() -> message.getBody(String.class)).isInstanceOf(MessageFormatException.class);
        SqlmqObjectMessage none = factory.createObjectMessage(null);
        assertThat(none.getBody(String.class)).isNull();
        assertThat(none.isBodyAssignableTo(String.class)).isTrue();
    }

    private SqlmqObjectMessage received(Serializable object, TrustedClasses trusted) throws JMSException {
        MessageCodec codec = new MessageCodec(trusted);
        return (SqlmqObjectMessage) codec.decode(codec.encode(factory.createObjectMessage(object)));
    }

    private static Serializable setsOfSets(int levels) {
        HashSet<Object> root = new HashSet<>();
        Set<Object> left = root;
        Set<Object> right = new HashSet<>();
        for (int i = 0; i < levels; i++) {
            Set<Object> nextLeft = new HashSet<>(Set.of("level " + i));
            Set<Object> nextRight = new HashSet<>();
            left.addAll(List.of(nextLeft, nextRight));
            right.addAll(List.of(nextLeft, nextRight));
            left = nextLeft;
            right = nextRight;
        }
        return root;
    }

    private static Node chain(int length) {
        Node node = new Node(null);
        for (int i = 1; i < length; i++) {
            node = new Node(node);
        }
        return node;
    }
}
