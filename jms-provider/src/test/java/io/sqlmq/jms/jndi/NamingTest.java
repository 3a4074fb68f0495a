package io.sqlmq.jms.jndi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.sqlmq.jms.DestinationOptions;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTopic;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.NotContextException;
import javax.naming.OperationNotSupportedException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The naming service of properties. Nothing here reaches a database. */
@SuppressWarnings({"BanJNDI", "JdkObsolete"}) // it is what is tested, with literal names; JNDI takes Hashtables
class NamingTest {
    private static final String URL = "jdbc:postgresql://localhost:1/nowhere";

    private static Context context(String... properties) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, SqlmqInitialContextFactory.class.getName());
        for (int i = 0; i < properties.length; i += 2) {
            environment.put(properties[i], properties[i + 1]);
        }
        return new InitialContext(environment);
    }

    private static List<String> names(Context context, String name) throws NamingException {
        List<String> names = new ArrayList<>();
        for (NameClassPair pair : Collections.list(context.list(name))) {
            names.add(pair.getName());
        }
        return names;
    }

    @Test
    void queuesAndTopicsAreThoseOfTheProperties() throws NamingException {
        Context context = context("queue.jms/orders", "shop.orders", "topic.prices", "shop.prices");
        assertThat(context.lookup("jms/orders")).isEqualTo(new SqlmqQueue("shop.orders"));
        assertThat(context.lookup(new CompositeName("prices"))).isEqualTo(new SqlmqTopic("shop.prices"));
    }

    @Test
    void dynamicNamesNeedNoProperty() throws NamingException {
        Context context = context();
        assertThat(context.lookup("dynamicQueues/shop.orders")).isEqualTo(new SqlmqQueue("shop.orders"));
        assertThat(context.lookup("dynamicTopics/a/b")).isEqualTo(new SqlmqTopic("a/b"));
        Context queues = (Context) context.lookup("dynamicQueues");
        assertThat(queues.lookup("orders")).isEqualTo(new SqlmqQueue("orders"));
    }

    @Test
    void namesOfDestinationsCanHaveOptions() throws NamingException {
        Context context = context("queue.orders", "orders?consumer.prefetchSize=5");
        SqlmqQueue queue = (SqlmqQueue) context.lookup("orders");
        assertThat(queue.getQueueName()).isEqualTo("orders");
        assertThat(queue.getOptions().prefetchSize()).isEqualTo(5);
    }

    @Test
    void theDefaultConnectionFactoriesAreOneForTheProviderUrl() throws NamingException {
        Context context = context(
                Context.PROVIDER_URL,
                URL + "?sqlmq.schema=defaults",
                Context.SECURITY_PRINCIPAL,
                "shop",
                Context.SECURITY_CREDENTIALS,
                "secret");
        try (SqlmqConnectionFactory factory = (SqlmqConnectionFactory) context.lookup("ConnectionFactory")) {
            assertThat(factory.getOptions().getSchema()).isEqualTo("defaults");
            assertThat(factory.getOptions().getUser()).isEqualTo("shop");
            assertThat(factory.getOptions().getPassword()).isEqualTo("secret");
            assertThat(context.lookup("QueueConnectionFactory")).isSameAs(factory);
            assertThat(context.lookup("TopicConnectionFactory")).isSameAs(factory);
        }
        try (SqlmqConnectionFactory next = (SqlmqConnectionFactory) context.lookup("ConnectionFactory")) {
            assertThat(next.isClosed()).isFalse();
        }
    }

    @Test
    void furtherConnectionFactoriesHaveOptionsOrAUrlOfTheirOwn() throws NamingException {
        Context context = context(
                Context.PROVIDER_URL,
                URL,
                "connectionFactoryNames",
                "main",
                "connectionFactory.jms/durable",
                "clientID=a%20b&sqlmq.maximumPoolSize=3",
                "connectionFactory.jms/other",
                "jdbc:postgresql://localhost:2/other?sqlmq.schema=mq");
        assertThat(names(context, "")).containsExactly("dynamicQueues", "dynamicTopics", "jms", "main");
        assertThat(names(context, "jms")).containsExactly("durable", "other");
        try (SqlmqConnectionFactory durable = (SqlmqConnectionFactory) context.lookup("jms/durable");
                SqlmqConnectionFactory other = (SqlmqConnectionFactory) context.lookup("jms/other")) {
            assertThat(durable.getOptions().getClientID()).isEqualTo("a b");
            assertThat(durable.getOptions().getMaximumPoolSize()).isEqualTo(3);
            assertThat(durable.getOptions().getUrl()).isEqualTo(URL);
            assertThat(other.getOptions().getUrl()).isEqualTo("jdbc:postgresql://localhost:2/other");
            assertThat(other.getOptions().getSchema()).isEqualTo("mq");
        }
    }

    @Test
    void aFileOnTheClassPathIsEnough(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("jndi.properties"), """
                java.naming.factory.initial = io.sqlmq.jms.jndi.SqlmqInitialContextFactory
                queue.jms/orders = from.the.file
                """);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, NamingTest.class.getClassLoader())) {
            Object found = with(loader, () -> new InitialContext().lookup("jms/orders"));
            assertThat(found).isEqualTo(new SqlmqQueue("from.the.file"));
        }
    }

    private static Object with(ClassLoader loader, Callable<Object> call) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return call.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void subcontextsAreContexts() throws NamingException {
        Context context = context("queue.a/b/c", "x");
        Context below = (Context) context.lookup("a");
        assertThat(below.getNameInNamespace()).isEqualTo("a");
        assertThat(below.lookup("b/c")).isEqualTo(new SqlmqQueue("x"));
        assertThat(((Context) below.lookup("b")).getNameInNamespace()).isEqualTo("a/b");
        assertThat(((Context) below.lookup("")).lookup("b/c")).isEqualTo(new SqlmqQueue("x"));
        assertThat(below.composeName("c", "a/b")).isEqualTo("a/b/c");
        assertThat(context.getNameParser("").parse("a/b")).isEqualTo(new CompositeName("a/b"));
    }

    @Test
    void bindingsHaveTheObjects() throws NamingException {
        Context context = context("queue.q", "orders");
        List<Binding> bindings = Collections.list(context.listBindings(""));
        assertThat(bindings).extracting(Binding::getName).containsExactly("dynamicQueues", "dynamicTopics", "q");
        assertThat(bindings.get(2).getObject()).isEqualTo(new SqlmqQueue("orders"));
        assertThat(bindings.get(0).getObject()).isInstanceOf(Context.class);
        assertThat(Collections.list(context.list("")))
                .extracting(NameClassPair::getClassName)
                .last()
                .isEqualTo(SqlmqQueue.class.getName());
    }

    @Test
    void whatIsNotThereIsNotFound() throws NamingException {
        Context context = context("queue.a/b", "x");
        assertThatExceptionOfType(NameNotFoundException.class)
                .isThrownBy(() -> context.lookup("a/c"))
                .withMessageContaining("queue.a/c")
                .satisfies(e -> assertThat(e.getRemainingName()).hasToString("c"));
        assertThatExceptionOfType(NameNotFoundException.class).isThrownBy(() -> context.lookup("ConnectionFactory"));
        assertThatExceptionOfType(NotContextException.class).isThrownBy(() -> context.lookup("a/b/c"));
        assertThatExceptionOfType(NotContextException.class).isThrownBy(() -> context.list("a/b"));
    }

    @Test
    void wrongPropertiesAreConfigurationExceptions() throws NamingException {
        for (String[] wrong : new String[][] {
            {"connectionFactory.x", "tcp://localhost:61616"},
            {"connectionFactory.x", "clientID=a"},
            {"connectionFactory.x", URL + "?sqlmq.schemaa=b"},
            {"queue.x", "orders?prefetch=1"}
        }) {
            Context context = context(wrong);
            assertThatExceptionOfType(ConfigurationException.class)
                    .isThrownBy(() -> context.lookup("x"))
                    .withMessageStartingWith("The configuration of x is wrong: ")
                    .withCauseInstanceOf(IllegalArgumentException.class);
        }
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> context("queue.x", "a", "topic.x", "b"));
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> context("queue.x", "a", "topic.x/y", "b"));
    }

    @Test
    void nothingCanBeChanged() throws NamingException {
        Context context = context("queue.q", "orders");
        Map<String, ThrowingCallable> changes = Map.of(
                "bind", () -> context.bind("x", "y"),
                "rebind", () -> context.rebind("q", "y"),
                "unbind", () -> context.unbind("q"),
                "rename", () -> context.rename("q", "r"),
                "createSubcontext", () -> context.createSubcontext("s"),
                "destroySubcontext", () -> context.destroySubcontext("q"));
        changes.forEach((name, change) -> assertThatExceptionOfType(OperationNotSupportedException.class)
                .as(name)
                .isThrownBy(change));
        assertThat(context.lookup("q")).isEqualTo(new SqlmqQueue("orders"));
    }

    @Test
    void theEnvironmentIsACopy() throws NamingException {
        Context context = context("queue.q", "orders");
        assertThat(context.addToEnvironment("queue.r", "more")).isNull();
        assertThat(context.getEnvironment().get("queue.r")).isEqualTo("more");
        assertThat(context.removeFromEnvironment("queue.r")).isEqualTo("more");
        assertThat(context.getEnvironment().containsKey("queue.r")).isFalse();
    }

    @Test
    void optionsOfTheNameSurvive() throws NamingException {
        SqlmqQueue queue =
                (SqlmqQueue) context("queue.q", "o?consumer.exclusive=true").lookup("q");
        assertThat(queue.getOptions()).isEqualTo(new DestinationOptions(null, true, 0, false, null, ""));
    }
}
