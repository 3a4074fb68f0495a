package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callbacks run with the class loader of the code that registered them, on threads that have nothing of their waker. */
@Timeout(60)
class CallbackThreadsTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final InheritableThreadLocal<String> CALLER = new InheritableThreadLocal<>();

    private static SqlmqEmbedded server;

    @BeforeAll
    static void start() {
        server = SqlmqEmbedded.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** What applications send. */
    public record Order(int number) implements Serializable {}

    /** An application with its own copy of the class, as an application server loads it. */
    private static final class Application extends ClassLoader {
        Application() {
            super(CallbackThreadsTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(Order.class.getName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> known = findLoadedClass(name);
            return known == null ? own(name) : known;
        }

        private Class<?> own(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    /** What a callback saw of its thread. */
    private record Seen(
            @Nullable ClassLoader loader,
            @Nullable ClassLoader ofObject,
            Thread thread,
            @Nullable String caller) {
        static Seen now(@Nullable Object object) {
            Thread thread = Thread.currentThread();
            return new Seen(
                    thread.getContextClassLoader(),
                    object == null ? null : object.getClass().getClassLoader(),
                    thread,
                    CALLER.get());
        }
    }

    private static SqlmqConnectionFactory factory() {
        return new SqlmqConnectionFactory(server.jdbcUrl() + "&sqlmq.schemaManagement=migrate&sqlmq.trustedPackages="
                + Order.class.getPackageName());
    }

    private static <T> T with(ClassLoader loader, Callable<T> code) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader);
        try {
            return code.call();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Runs the code as somebody else: other loader, group, priority, and a value that threads inherit. */
    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: threads of callbacks must not inherit it
    private static void elsewhere(@Nullable ClassLoader loader, Callable<?> code) throws Exception {
        FutureTask<?> task = new FutureTask<>(() -> {
            CALLER.set("sender");
            return code.call();
        });
        Thread thread = new Thread(new ThreadGroup("of the sender"), task);
        thread.setContextClassLoader(loader);
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.start();
        task.get(30, TimeUnit.SECONDS);
    }

    @Test
    void aListenerHasTheLoaderOfWhoeverSetItWhoeverWakesIt() throws Exception {
        Application application = new Application();
        List<Seen> seen = new CopyOnWriteArrayList<>();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        try (SqlmqConnectionFactory factory = factory();
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                Session sender = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            connection.start();
            MessageProducer producer = sender.createProducer(sender.createQueue("orders"));
            Callable<?> send = () -> {
                producer.send(sender.createObjectMessage(new Order(1)));
                return null;
            };
            elsewhere(null, send); // waits when the listener comes
            with(application, () -> {
                session.createConsumer(session.createQueue("orders")).setMessageListener(message -> {
                    try {
                        seen.add(Seen.now(((ObjectMessage) message).getObject()));
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                });
                return null;
            });
            await().atMost(LONG).until(() -> seen.size() + failures.size() == 1);
            elsewhere(ClassLoader.getPlatformClassLoader(), send);
            await().atMost(LONG).until(() -> seen.size() + failures.size() == 2);
            ForkJoinPool.commonPool()
                    .submit(() -> Async.unchecked(() -> send.call()))
                    .get(30, TimeUnit.SECONDS);
            await().atMost(LONG).until(() -> seen.size() + failures.size() == 3);
        }
        assertThat(failures).isEmpty();
        assertThat(seen).allSatisfy(s -> {
            assertThat(s.loader()).isSameAs(application);
            assertThat(s.ofObject()).isSameAs(application);
            assertHasNothingOfItsWaker(s);
        });
    }

    private static void assertHasNothingOfItsWaker(Seen seen) {
        assertThat(seen.caller()).isNull();
        assertThat(seen.thread().getPriority()).isEqualTo(Thread.NORM_PRIORITY);
        assertThat(seen.thread().isDaemon()).isTrue();
    }

    @Test
    void completionAndExceptionListenersHaveItToo() throws Exception {
        Application application = new Application();
        List<Seen> seen = new CopyOnWriteArrayList<>();
        try (SqlmqConnectionFactory factory = factory();
                Connection connection = factory.createConnection();
                Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            with(application, () -> {
                session.createProducer(session.createQueue("sent"))
                        .send(session.createTextMessage("text"), new CompletionListener() {
                            @Override
                            public void onCompletion(Message message) {
                                seen.add(Seen.now(null));
                            }

                            @Override
                            public void onException(Message message, Exception exception) {
                                throw new AssertionError(exception);
                            }
                        });
                ExceptionListener listener = exception -> seen.add(Seen.now(null));
                connection.setExceptionListener(listener);
                return null;
            });
            await().atMost(LONG).until(() -> seen.size() == 1);
            connection.start();
            // A pool that cannot serve a connection consumer is told to the ExceptionListener.
            connection.createConnectionConsumer(
                    session.createQueue("sent"),
                    null,
                    () -> {
                        throw new jakarta.jms.JMSException("no server session");
                    },
                    1);
            await().atMost(LONG).until(() -> seen.size() >= 2);
        }
        assertThat(seen).allSatisfy(s -> {
            assertThat(s.loader()).isSameAs(application);
            assertHasNothingOfItsWaker(s);
        });
    }
}
