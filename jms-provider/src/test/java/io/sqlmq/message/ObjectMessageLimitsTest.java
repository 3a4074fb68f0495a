package io.sqlmq.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sender of an ObjectMessage can do to those who call getObject(). */
@SuppressWarnings("JdkObsolete") // what is obsolete is sent nevertheless
class ObjectMessageLimitsTest {

    private static final int KEYS = 12_000;
    /** As many pairs of letters as make {@link #KEYS} different strings. */
    private static final int PAIRS = 16;

    private static final TrustedClasses OURS = TrustedClasses.of(List.of("io.sqlmq.message"));

    record Evil(String name) implements Serializable {}

    interface Spell extends Serializable {}

    static final class Handler implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object[] arguments) {
            return null;
        }
    }

    /** Its name has as many letters as that of the class below. */
    static final class Whole implements Serializable {
        private static final long serialVersionUID = 7L;
    }

    static final class Burst implements Serializable {
        private static final long serialVersionUID = 7L;
        static final int NUMBER = Integer.parseInt("none");
    }

    private final MessageFactory factory = new MessageFactory(TrustedClasses.defaults());

    // Classes

    static Stream<Arguments> untrusted() {
        return Stream.<Serializable>of(
                        new Evil("x"),
                        new Evil[] {},
                        new Evil[][] {{}},
                        new ArrayList<>(List.of("a", new Evil("x"))),
                        new HashMap<>(Map.of("a", new Object[] {new Evil("x")})),
                        (Serializable) Proxy.newProxyInstance(
                                Spell.class.getClassLoader(), new Class<?>[] {Spell.class}, new Handler()))
                .map(value -> Arguments.of((Object) value));
    }

    @ParameterizedTest
    @MethodSource("untrusted")
    void noClassIsLoadedThatIsNotTrusted(Serializable value) throws JMSException {
        List<String> loaded = new ArrayList<>();
        SqlmqObjectMessage message = received(bytes(value), TrustedClasses.defaults());

        with(
                name -> {
                    loaded.add(name);
                    return null;
                },
                () -> assertThatThrownBy(message::getObject)
                        .isInstanceOf(MessageFormatException.class)
                        .hasMessageContaining(ObjectMessageLimitsTest.class.getName())
                        .hasMessageContaining("trustedPackages"));

        assertThat(loaded).noneMatch(name -> name.contains("io.sqlmq"));
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                NoClassDefFoundError.class,
                IncompatibleClassChangeError.class,
                UnsupportedClassVersionError.class,
                ClassFormatError.class
            })
    void aClassThatCannotBeLinkedIsAFormatError(Class<? extends LinkageError> type) throws JMSException {
        SqlmqObjectMessage message = received(bytes(new Evil("x")), OURS);

        with(
                name -> {
                    if (name.endsWith("Evil")) {
                        try {
                            return type.getConstructor(String.class).newInstance("com/acme/Gone");
                        } catch (ReflectiveOperationException e) {
                            throw new LinkageError("the test's own", e);
                        }
                    }
                    return null;
                },
                () -> {
                    assertThatThrownBy(message::getObject)
                            .isInstanceOf(MessageFormatException.class)
                            .hasCauseInstanceOf(type)
                            .hasMessageContaining("com/acme/Gone");
                    assertThat(message.isBodyAssignableTo(Evil.class)).isFalse();
                    assertThatThrownBy(() -> message.getBody(Evil.class)).isInstanceOf(MessageFormatException.class);
                });
    }

    @Test
    void aClassThatCannotBeInitialisedIsAFormatError() throws JMSException {
        byte[] bytes = replaced(bytes(new Whole()), Map.of("Test$Whole", "Test$Burst"));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(received(bytes, OURS)::getObject)
                    .isInstanceOf(MessageFormatException.class)
                    .hasCauseInstanceOf(LinkageError.class);
        }
    }

    private interface Check {
        void run() throws JMSException;
    }

    /** Runs with a context class loader that tells which classes it is asked for, and throws what it is told to. */
    private static void with(Function<String, @Nullable LinkageError> onLoad, Check check) throws JMSException {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(new ClassLoader(before) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                LinkageError error = onLoad.apply(name);
                if (error != null) {
                    throw error;
                }
                return super.loadClass(name, resolve);
            }
        });
        try {
            check.run();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    // Sizes

    static Stream<Arguments> collidingKeys() {
        List<String> keys = IntStream.range(0, KEYS)
                .mapToObj(ObjectMessageLimitsTest::placeholder)
                .toList();
        Map<String, Integer> map = keys.stream().collect(Collectors.toMap(key -> key, key -> 1));
        Map<List<String>, Integer> ofLists =
                keys.stream().collect(Collectors.toMap(ObjectMessageLimitsTest::list, k -> 1));
        Properties properties = new Properties();
        properties.putAll(map);
        return Stream.of(
                Arguments.of("Hashtable", new Hashtable<>(map)),
                Arguments.of("Hashtable within", new ArrayList<>(List.of("a", new Hashtable<>(map)))),
                Arguments.of("Hashtable of lists", new Hashtable<>(ofLists)),
                Arguments.of("Properties", properties),
                Arguments.of("HashMap of lists", new HashMap<>(ofLists)),
                Arguments.of("LinkedHashMap of lists", new LinkedHashMap<>(ofLists)),
                Arguments.of("HashSet of lists", new HashSet<>(ofLists.keySet())),
                Arguments.of("LinkedHashSet of lists", new LinkedHashSet<>(ofLists.keySet())),
                Arguments.of("wrapped", (Serializable) Collections.synchronizedMap(new HashMap<>(ofLists))),
                Arguments.of("Set.of", Set.copyOf(keys)),
                Arguments.of("Map.of", Map.copyOf(map)),
                Arguments.of("Set.of lists", Set.copyOf(ofLists.keySet())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void collidingKeys(String name, Serializable value) throws JMSException {
        Map<String, String> keys = IntStream.range(0, KEYS)
                .boxed()
                .collect(Collectors.toMap(ObjectMessageLimitsTest::placeholder, ObjectMessageLimitsTest::colliding));
        SqlmqObjectMessage message = received(replaced(bytes(value), keys), TrustedClasses.defaults());

        assertThatThrownBy(message::getObject)
                .isInstanceOf(MessageFormatException.class)
                .hasMessageContaining("maxHashtableObjects");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100})
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void listsThatAreWithinEachOtherAgainAndAgain(int breadth) throws JMSException {
        List<Object> list = new ArrayList<>(List.of("a"));
        for (int i = 0; i < 20; i++) {
            list = new ArrayList<>(Collections.nCopies(1 + breadth, list));
        }
        HashSet<Object> set = new HashSet<>(Set.of("a"));
        SqlmqObjectMessage alone = received(bytes((Serializable) list), TrustedClasses.defaults());
        assertThat(alone.getObject()).isInstanceOf(ArrayList.class);
        if (breadth == 1) {
            return; // a million visits
        }
        for (Object[] both : List.of(new Object[] {list, set}, new Object[] {set, list})) {
            SqlmqObjectMessage message = received(bytes(both), TrustedClasses.defaults());
            assertThatThrownBy(message::getObject).isInstanceOf(MessageFormatException.class);
        }
    }

    static Stream<Serializable> honest() {
        Map<String, Integer> map =
                IntStream.range(0, 100_000).boxed().collect(Collectors.toMap(i -> "key " + i, i -> i));
        Map<String, List<String>> lists = IntStream.range(0, 15_000)
                .boxed()
                .collect(Collectors.toMap(i -> "key " + i, i -> new ArrayList<>(List.of("a" + i, "b"))));
        Map<String, Integer> some =
                IntStream.range(0, 9_000).boxed().collect(Collectors.toMap(i -> "key " + i, i -> i));
        return Stream.of(
                new Hashtable<>(some),
                new HashMap<>(map),
                new HashMap<>(lists),
                (Serializable) Map.copyOf(map),
                (Serializable) Set.copyOf(map.keySet()),
                (Serializable) List.copyOf(map.values()),
                // Not one object again and again, but equal ones.
                IntStream.range(0, 50_000)
                        .mapToObj(i -> new String("EUR".toCharArray()))
                        .collect(Collectors.toCollection(ArrayList::new)),
                new ArrayList<>(List.of(
                        Set.of(1),
                        IntStream.range(0, 50_000)
                                .mapToObj(i -> Long.valueOf(1_000_000L + i % 7))
                                .toList())),
                new ArrayList<>(List.of(new HashSet<>(Set.of(1)), Collections.nCopies(1_000, "a"))));
    }

    @ParameterizedTest
    @MethodSource("honest")
    void whatIsMeantWellComes(Serializable value) throws JMSException {
        assertThat(received(bytes(value), TrustedClasses.defaults()).getObject())
                .isEqualTo(value);
    }

    @Test
    void theOptionAllowsMore() throws JMSException {
        Hashtable<Integer, String> table = IntStream.range(0, 30_000)
                .boxed()
                .collect(Collectors.toMap(i -> i, i -> "", (a, b) -> a, Hashtable::new));

        assertThatThrownBy(received(bytes(table), TrustedClasses.defaults())::getObject)
                .isInstanceOf(MessageFormatException.class);
        assertThat(received(bytes(table), TrustedClasses.defaults().withMaxHashtableObjects(100_000))
                        .getObject())
                .isEqualTo(table);
        assertThat(factory.createObjectMessage(table).getObject())
                .as("its own object")
                .isEqualTo(table);
    }

    private static List<String> list(String key) {
        return new ArrayList<>(List.of(key));
    }

    private static String placeholder(int i) {
        return String.format("#%0" + (2 * PAIRS - 1) + "d", i);
    }

    /** Strings that all have the same hash code, as have lists of them. */
    private static String colliding(int i) {
        StringBuilder key = new StringBuilder();
        for (int bit = 0; bit < PAIRS; bit++) {
            key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return key.toString();
    }

    private byte[] bytes(Serializable value) throws JMSException {
        return new MessageCodec(TrustedClasses.defaults())
                .encode(factory.createObjectMessage(value))
                .bytes();
    }

    private static SqlmqObjectMessage received(byte[] bytes, TrustedClasses trusted) throws JMSException {
        return (SqlmqObjectMessage)
                new MessageCodec(trusted).decode(new StoredContent(StoredContent.OBJECT, null, bytes, null, null));
    }

    /** Texts in the stream become others of the same length. */
    private static byte[] replaced(byte[] bytes, Map<String, String> texts) {
        int length = texts.keySet().iterator().next().length();
        String stream = new String(bytes, StandardCharsets.ISO_8859_1);
        StringBuilder result = new StringBuilder(stream);
        char first = texts.keySet().iterator().next().charAt(0);
        for (int at = stream.indexOf(first);
                at >= 0 && at + length <= stream.length();
                at = stream.indexOf(first, at + 1)) {
            String text = texts.get(stream.substring(at, at + length));
            if (text != null) {
                result.replace(at, at + length, text);
            }
        }
        return result.toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
