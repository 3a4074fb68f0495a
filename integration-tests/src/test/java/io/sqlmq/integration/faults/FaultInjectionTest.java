package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.testing.Async;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each statement that a session makes fails once, in each way, while the process lives on and its leases would last for
 * minutes. Afterwards everything is acknowledged or comes again: nothing is lost, nothing stays under a lease that nobody
 * knows of, and what was acknowledged never comes again.
 */
@Tag("faults")
@Timeout(120)
class FaultInjectionTest extends IntegrationTest {

    private static final int INDIVIDUAL = 4;
    private static final String[] SENT = {"1", "2", "3"};

    /** What a session does with messages; what the engine does by itself is not meant. */
    private static final Pattern WORK = Pattern.compile(
            "mq_claim|mq_lease|mq_ack|mq_give_back|FROM ONLY|FOR UPDATE SKIP LOCKED|DELETE FROM|^COMMIT|SAVEPOINT");

    /** Longer than leaseAfter. */
    private static void work() throws InterruptedException {
        Thread.sleep(20);
    }

    /** What an application does. */
    private enum Script {
        AUTO_RECEIVE {
            @Override
            void run(Application application) throws Exception {
                MessageConsumer consumer = application.consumer(Session.AUTO_ACKNOWLEDGE);
                application.receiveAcknowledged(consumer, 3);
            }
        },
        AUTO_LISTENER {
            @Override
            void run(Application application) throws Exception {
                application.listen(Session.AUTO_ACKNOWLEDGE);
            }
        },
        DUPS_OK_RECEIVE {
            @Override
            void run(Application application) throws Exception {
                MessageConsumer consumer = application.consumer(Session.DUPS_OK_ACKNOWLEDGE);
                application.receiveAcknowledged(consumer, 2);
                work();
                application.receiveAcknowledged(consumer, 1);
            }
        },
        DUPS_OK_LISTENER {
            @Override
            void run(Application application) throws Exception {
                application.listen(Session.DUPS_OK_ACKNOWLEDGE);
            }
        },
        CLIENT_RECOVER {
            @Override
            void run(Application application) throws Exception {
                MessageConsumer consumer = application.consumer(Session.CLIENT_ACKNOWLEDGE);
                application.receive(consumer);
                work();
                application.receive(consumer);
                application.trying(() -> application.session().recover());
                application.trying(() -> application.session().recover());
                application.receive(consumer);
                work();
                application.acknowledge(application.receive(consumer));
            }
        },
        CLIENT_CLOSE {
            @Override
            void run(Application application) throws Exception {
                MessageConsumer consumer = application.consumer(Session.CLIENT_ACKNOWLEDGE);
                application.receive(consumer);
                work();
                application.acknowledge(application.receive(consumer));
                application.receive(consumer);
                work();
            }
        },
        INDIVIDUAL_RECOVER {
            @Override
            void run(Application application) throws Exception {
                MessageConsumer consumer = application.consumer(INDIVIDUAL);
                Message first = application.receive(consumer);
                application.receive(consumer);
                application.acknowledge(first);
                application.trying(() -> application.session().recover());
                application.receive(consumer);
            }
        },
        TRANSACTED {
            @Override
            void run(Application application) throws Exception {
                MessageConsumer consumer = application.consumer(Session.SESSION_TRANSACTED);
                application.receive(consumer);
                application.receive(consumer);
                application.trying(() -> application.session().rollback());
                application.receive(consumer);
                application.commit();
                application.receive(consumer);
                work();
            }
        };

        abstract void run(Application application) throws Exception;
    }

    /** One run of a script on a queue of its own. */
    private static final class Application implements AutoCloseable {
        private final String queue;
        private final Connection connection;
        /** Acknowledged for certain. */
        private final Set<String> acknowledged = new ConcurrentSkipListSet<>();
        /** Perhaps acknowledged: an acknowledge or a commit threw. */
        private final Set<String> doubtful = new ConcurrentSkipListSet<>();
        /** Received, neither acknowledged nor given back. */
        private final List<String> open = new ArrayList<>();

        private @Nullable Session session;

        Application(SqlmqConnectionFactory factory, String queue) throws JMSException {
            this.queue = queue;
            this.connection = factory.createConnection();
            connection.start();
        }

        MessageConsumer consumer(int mode) throws JMSException {
            session = connection.createSession(mode);
            return IntegrationTest.consumer(session(), queue);
        }

        Session session() {
            return Objects.requireNonNull(session);
        }

        void trying(Async.Action action) throws Exception {
            try {
                action.run();
            } catch (JMSException e) {
                // The application carries on.
                assertThat(e.getMessage()).isNotEmpty();
            }
            open.clear();
        }

        @Nullable
        Message receive(MessageConsumer consumer) throws JMSException {
            try {
                Message message = consumer.receive(150);
                if (message != null) {
                    open.add(text(message));
                }
                return message;
            } catch (JMSException e) {
                return null;
            }
        }

        void receiveAcknowledged(MessageConsumer consumer, int count) throws JMSException {
            for (int i = 0; i < count; i++) {
                receive(consumer);
            }
            acknowledged.addAll(open);
            open.clear();
        }

        void acknowledge(@Nullable Message message) throws JMSException {
            if (message == null) {
                return;
            }
            List<String> covered =
                    session().getAcknowledgeMode() == INDIVIDUAL ? List.of(text(message)) : List.copyOf(open);
            try {
                message.acknowledge();
                acknowledged.addAll(covered);
            } catch (JMSException e) {
                doubtful.addAll(covered);
            }
            open.removeAll(covered);
        }

        void commit() {
            try {
                session().commit();
                acknowledged.addAll(open);
            } catch (JMSException e) {
                doubtful.addAll(open);
            }
            open.clear();
        }

        /** The second message is slow, the third fails the first time. */
        void listen(int mode) throws Exception {
            AtomicInteger calls = new AtomicInteger();
            Set<String> failed = new ConcurrentSkipListSet<>();
            consumer(mode).setMessageListener(message -> {
                calls.incrementAndGet();
                String text = Async.unchecked(() -> text(message));
                if (text.equals("2")) {
                    Async.unchecked(() -> {
                        work();
                        return true;
                    });
                } else if (text.equals("3") && failed.add(text)) {
                    throw new IllegalStateException("The third fails once");
                }
                acknowledged.add(text);
            });
            for (int i = 0; i < 20 && acknowledged.size() < SENT.length; i++) {
                work();
            }
            connection.stop(); // returns when the listener has
        }

        @Override
        public void close() throws JMSException {
            connection.close();
        }
    }

    private record Case(Script script, InjectedFaults.Kind kind, int skipped) {}

    private HikariDataSource pool;
    private final Map<InjectedFaults.Kind, InjectedFaults> faults = new EnumMap<>(InjectedFaults.Kind.class);
    private final Map<InjectedFaults.Kind, SqlmqConnectionFactory> factories = new EnumMap<>(InjectedFaults.Kind.class);

    @BeforeEach
    void open() throws Exception {
        factory.createConnection().close(); // creates the tables
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url.replaceAll("sqlmq\\.[^&]*&?", ""));
        config.setMaximumPoolSize(40);
        config.setMinimumIdle(0);
        pool = new HikariDataSource(config);
        for (InjectedFaults.Kind kind : InjectedFaults.Kind.values()) {
            InjectedFaults injected = new InjectedFaults(pool, connection -> {
                pool.evictConnection(connection);
                connection.close();
            });
            SqlmqOptions options = new SqlmqOptions();
            options.setLeaseAfter(10);
            options.setLeaseTime(600_000);
            options.setInitialRedeliveryDelay(0);
            options.setRedeliveryDelay(0);
            faults.put(kind, injected);
            factories.put(kind, closeAfterwards(new SqlmqConnectionFactory(injected.dataSource(), options)));
        }
    }

    @AfterEach
    void closePool() {
        factories.values().forEach(SqlmqConnectionFactory::close);
        pool.close();
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void whateverStatementFailsNothingIsLostOrStranded(Script script) throws Exception {
        List<CompletableFuture<Boolean>> ranges = new ArrayList<>();
        for (InjectedFaults.Kind kind : InjectedFaults.Kind.values()) {
            ranges.add(Async.run(() -> {
                int skipped = 0;
                while (run(new Case(script, kind, skipped))) {
                    skipped++;
                }
                // Each rank range has seen the claims and what ends them fail.
                assertThat(skipped).as("%s, %s", script, kind).isGreaterThan(2);
            }));
        }
        for (CompletableFuture<Boolean> range : ranges) {
            range.get(100, TimeUnit.SECONDS);
        }
    }

    /** Returns whether the fault happened, or the script has fewer statements. */
    private boolean run(Case now) throws Exception {
        String name = "injected-" + now.script() + "-" + now.kind() + "-" + now.skipped();
        send(factory, name, SENT);
        InjectedFaults injected = faults.get(now.kind());
        String failed;
        Application application = new Application(factories.get(now.kind()), name);
        try (application) {
            injected.fail(now.kind(), WORK, now.skipped());
            now.script().run(application);
        } finally {
            failed = injected.end();
        }
        String situation = now + ", acknowledged " + application.acknowledged + ", doubtful " + application.doubtful
                + ", failed: " + failed;
        // Acknowledgements that could not be written come later.
        await(situation).atMost(Duration.ofSeconds(20)).until(() -> {
            Set<String> left = left(name);
            left.retainAll(application.acknowledged);
            return left.isEmpty();
        });
        Set<String> came = new TreeSet<>();
        try (Connection other = factory.createConnection()) {
            other.start();
            MessageConsumer consumer = consumer(other.createSession(Session.AUTO_ACKNOWLEDGE), name);
            await(situation).atMost(Duration.ofSeconds(20)).until(() -> {
                if (left(name).isEmpty()) {
                    return true;
                }
                Message message = consumer.receive(300);
                if (message != null) {
                    came.add(text(message));
                }
                return false;
            });
        }
        Set<String> expected = new TreeSet<>(List.of(SENT));
        expected.removeAll(application.acknowledged);
        expected.removeAll(application.doubtful);
        assertThat(came).as(situation).containsAll(expected);
        assertThat(application.acknowledged).as(situation).noneMatch(came::contains);
        return failed != null;
    }

    private Set<String> left(String name) throws Exception {
        return Ledger.texts(url, "SELECT payload_text FROM mq_msgs WHERE channel_name = '" + name + "'");
    }
}
