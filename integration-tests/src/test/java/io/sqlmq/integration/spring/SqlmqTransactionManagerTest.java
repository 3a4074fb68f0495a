package io.sqlmq.integration.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.OutcomeUnknownJmsException;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqOptions;
import io.sqlmq.jms.SqlmqQueue;
import io.sqlmq.jms.SqlmqTransactionManager;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jms.JmsException;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.DelegatingConnectionFactory;
import org.springframework.jms.connection.SingleConnectionFactory;
import org.springframework.jms.connection.TransactionAwareConnectionFactoryProxy;
import org.springframework.jms.connection.UserCredentialsConnectionFactoryAdapter;
import org.springframework.jms.core.JmsClient;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** SqlmqTransactionManager: one transaction for what is received, sent and done in SQL, as Spring's users expect them. */
@Timeout(60)
class SqlmqTransactionManagerTest {
    private static final long SOON = 20_000;

    private final HikariDataSource pool = new HikariDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(pool);
    private final String table = "t_" + UUID.randomUUID().toString().replace("-", "");
    private final Queue queue = new SqlmqQueue("managed-" + table);
    private SqlmqConnectionFactory factory;
    private SqlmqTransactionManager manager;
    private TransactionTemplate transaction;
    private JmsTemplate jms;

    @BeforeEach
    void open() {
        pool.setJdbcUrl(SqlmqEmbedded.named("managed").jdbcUrl());
        pool.setMaximumPoolSize(8);
        jdbc.execute("CREATE TABLE " + table + " (id text PRIMARY KEY)");
        factory = new SqlmqConnectionFactory(pool);
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        manager = new SqlmqTransactionManager(factory);
        transaction = new TransactionTemplate(manager);
        jms = template(factory);
    }

    @AfterEach
    void close() {
        manager.destroy();
        factory.close();
        jdbc.execute("DROP TABLE " + table);
        pool.close();
    }

    private JmsTemplate template(ConnectionFactory over) {
        JmsTemplate template = new JmsTemplate(over);
        template.setDefaultDestination(queue);
        template.setReceiveTimeout(SOON);
        return template;
    }

    private TransactionTemplate with(int propagation) {
        TransactionTemplate other = new TransactionTemplate(manager);
        other.setPropagationBehavior(propagation);
        return other;
    }

    private void insert(String id) {
        jdbc.update("INSERT INTO " + table + " VALUES (?)", id);
    }

    /** As another transaction sees them. */
    private List<String> rows() {
        return new JdbcTemplate(pool).queryForList("SELECT id FROM " + table + " ORDER BY id", String.class);
    }

    /** All messages that are left, which are received. */
    private List<Object> left() {
        JmsTemplate now = template(factory);
        now.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        List<Object> left = new ArrayList<>();
        for (Object next = now.receiveAndConvert(); next != null; next = now.receiveAndConvert()) {
            left.add(next);
        }
        return left;
    }

    private static RuntimeException onPurpose() {
        return new IllegalArgumentException("on purpose");
    }

    // ---- one transaction

    @Test
    void messagesAndRowsCommitTogether() {
        transaction.executeWithoutResult(status -> {
            insert("a");
            jms.convertAndSend("a");
            assertThat(jdbc.queryForObject("SELECT count(*) FROM mq_messages WHERE queue = ?", Long.class, queueName()))
                    .isZero();
        });
        assertThat(rows()).containsExactly("a");
        assertThat(left()).containsExactly("a");
    }

    private String queueName() {
        return ((SqlmqQueue) queue).getName();
    }

    @Test
    void messagesAndRowsRollBackTogether() {
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jms.convertAndSend("a");
                    insert("a");
                    jms.convertAndSend("b");
                    throw onPurpose();
                }))
                .isInstanceOf(IllegalArgumentException.class);
        insert("c");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jms.convertAndSend("c");
                    insert("c");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        assertThat(rows()).containsExactly("c");
        assertThat(left()).isEmpty();
    }

    @Test
    void whatWasReceivedComesAgainAfterARollback() {
        jms.convertAndSend("a");
        transaction.executeWithoutResult(status -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("a");
            insert("a");
            status.setRollbackOnly();
        });
        assertThat(rows()).isEmpty();
        transaction.executeWithoutResult(status -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("a");
            insert("a");
            jms.convertAndSend("reply");
        });
        assertThat(rows()).containsExactly("a");
        assertThat(left()).containsExactly("reply");
    }

    @Test
    void anErrorOfTheDatabaseThatIsSwallowedRollsBackWhatIsCommitted() {
        insert("a");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    jms.convertAndSend("a");
                    assertThatThrownBy(() -> insert("a")).isInstanceOf(DataAccessException.class);
                }))
                .isInstanceOf(UnexpectedRollbackException.class)
                .hasCauseInstanceOf(TransactionRolledBackException.class);
        assertThat(left()).isEmpty();
    }

    // ---- one after the other

    /** Counts how often a connection is taken from the pool. */
    private static final class Counting extends DelegatingDataSource {
        private final AtomicInteger taken = new AtomicInteger();

        Counting(DataSource pool) {
            super(pool);
        }

        @Override
        public Connection getConnection() throws SQLException {
            taken.incrementAndGet();
            return super.getConnection();
        }
    }

    private void send(int messages) {
        transaction.executeWithoutResult(status -> {
            for (int i = 0; i < messages; i++) {
                jms.convertAndSend(Integer.toString(1000 + i));
            }
        });
    }

    /** What is done with one message, in its transaction. */
    private interface Work {
        void on(String id, JdbcTemplate sql) throws JMSException;
    }

    /** Receives messages by one consumer, each in a transaction; how often a connection was taken meanwhile. */
    private int receiveEach(int messages, Work work) throws JMSException {
        Counting counting = new Counting(pool);
        JdbcTemplate sql = new JdbcTemplate(counting);
        SqlmqOptions options = new SqlmqOptions();
        options.setTransactionTimeout(60_000);
        try (SqlmqConnectionFactory counted = new SqlmqConnectionFactory(counting, options);
                jakarta.jms.Connection connection = counted.createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                MessageConsumer consumer = session.createConsumer(queue)) {
            connection.start();
            SqlmqTransactionManager own = new SqlmqTransactionManager(counted);
            try {
                int before = counting.taken.get();
                for (int i = 0; i < messages; i++) {
                    TransactionStatus status = own.getTransaction(null);
                    Message message = consumer.receive(SOON);
                    try {
                        work.on(message.getBody(String.class), sql);
                        own.commit(status);
                    } catch (IllegalArgumentException e) {
                        own.rollback(status);
                    }
                }
                return counting.taken.get() - before;
            } finally {
                own.destroy();
            }
        }
    }

    /** The next message is claimed along with the commit; the application finds the settings as it knows them all the same. */
    @Test
    void aBacklogDoesNotGiveTheConnectionBackAfterEachTransaction() throws Exception {
        int messages = 400;
        send(messages + 1);
        int taken = receiveEach(messages, (id, sql) -> {
            assertThat(sql.queryForList(
                            "SELECT current_setting(name) FROM unnest(ARRAY['enable_seqscan', 'enable_sort',"
                                    + " 'idle_in_transaction_session_timeout', 'plan_cache_mode']) AS name",
                            String.class))
                    .containsExactly("on", "on", "1min", "auto");
            sql.update("INSERT INTO " + table + " VALUES (?)", id);
        });
        assertThat(taken).isLessThan(messages * 3 / 4);
        assertThat(rows()).hasSize(messages);
        assertThat(left()).as("what was claimed along").hasSize(1);
    }

    /** Its pool undoes that, so a transaction that follows must not see it. */
    @Test
    void whatTheApplicationSetsOnTheConnectionIsGoneInTheNextTransaction() throws Exception {
        send(20);
        receiveEach(
                20,
                (id, sql) -> sql.execute((ConnectionCallback<@Nullable Void>) connection -> {
                    assertThat(connection.getNetworkTimeout()).isZero();
                    connection.setNetworkTimeout(Runnable::run, 50_000);
                    return null;
                }));
    }

    @Test
    void aFailureAmongQuickTransactionsUndoesOnlyItsOwn() throws Exception {
        send(60);
        List<String> failed = new ArrayList<>();
        receiveEach(61, (id, sql) -> {
            sql.update("INSERT INTO " + table + " VALUES (?)", id);
            if (id.equals("1030") && failed.isEmpty()) {
                failed.add(id);
                throw onPurpose();
            }
        });
        assertThat(failed).hasSize(1);
        assertThat(rows()).hasSize(60);
        assertThat(left()).isEmpty();
    }

    // ---- around the connection factory

    static Stream<Named<Function<ConnectionFactory, ConnectionFactory>>> wrappers() {
        return Stream.of(
                Named.of("nothing", target -> target),
                Named.of("CachingConnectionFactory", CachingConnectionFactory::new),
                Named.of("SingleConnectionFactory", SingleConnectionFactory::new),
                Named.of("TransactionAwareConnectionFactoryProxy", TransactionAwareConnectionFactoryProxy::new),
                Named.of("UserCredentialsConnectionFactoryAdapter", target -> {
                    UserCredentialsConnectionFactoryAdapter adapter = new UserCredentialsConnectionFactoryAdapter();
                    adapter.setTargetConnectionFactory(target);
                    return adapter;
                }),
                Named.of("DelegatingConnectionFactory", target -> {
                    DelegatingConnectionFactory delegating = new DelegatingConnectionFactory();
                    delegating.setTargetConnectionFactory(target);
                    return delegating;
                }));
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void theFactoryMayBeWrapped(Function<ConnectionFactory, ConnectionFactory> wrapper) throws Exception {
        ConnectionFactory wrapped = wrapper.apply(factory);
        for (boolean sessionTransacted : new boolean[] {false, true}) {
            JmsTemplate own = template(wrapped);
            own.setSessionTransacted(sessionTransacted);
            transaction.executeWithoutResult(status -> {
                insert("gone");
                own.convertAndSend("gone");
                status.setRollbackOnly();
            });
            transaction.executeWithoutResult(status -> own.convertAndSend("first"));
            transaction.executeWithoutResult(status -> {
                assertThat(own.receiveAndConvert()).isEqualTo("first");
                status.setRollbackOnly();
            });
            transaction.executeWithoutResult(status -> {
                assertThat(own.receiveAndConvert()).isEqualTo("first");
                JmsClient.create(wrapped).destination(queue).send("second");
            });
            assertThat(left()).containsExactly("second");
            assertThat(rows()).isEmpty();
            own.convertAndSend("outside");
            assertThat(own.receiveAndConvert()).isEqualTo("outside");
        }
        if (wrapped instanceof SingleConnectionFactory single) {
            single.destroy();
        }
    }

    @Test
    void aSessionOfTheApplicationWorksInTheTransactionToo() throws Exception {
        try (var connection = factory.createConnection();
                var session = connection.createSession(true, 0);
                var producer = session.createProducer(queue)) {
            transaction.executeWithoutResult(status -> {
                assertThatThrownBy(() -> {
                            producer.send(session.createTextMessage("gone"));
                            session.commit();
                        })
                        .isInstanceOf(jakarta.jms.TransactionInProgressException.class);
                status.setRollbackOnly();
            });
            assertThat(left()).isEmpty();
            producer.send(session.createTextMessage("its own"));
            session.commit();
        }
        assertThat(left()).containsExactly("its own");
    }

    static Stream<Named<Function<SqlmqTransactionManagerTest, PlatformTransactionManager>>> managers() {
        return Stream.of(
                Named.of("SqlmqTransactionManager", test -> test.manager),
                Named.of("DataSourceTransactionManager", test -> new DataSourceTransactionManager(test.pool)));
    }

    @ParameterizedTest
    @MethodSource("managers")
    void whoAsksInATransactionIsAnswered(Function<SqlmqTransactionManagerTest, PlatformTransactionManager> managers)
            throws Exception {
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        try (var connection = factory.createConnection();
                var session = connection.createSession()) {
            session.createConsumer(queue).setMessageListener(request -> {
                try (var producer = session.createProducer(request.getJMSReplyTo())) {
                    producer.send(session.createTextMessage("answer to " + request.getBody(String.class)));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            connection.start();
            TransactionTemplate asking = new TransactionTemplate(managers.apply(this));
            for (ConnectionFactory over : List.of(factory, caching)) {
                JmsTemplate asker = template(over);
                asking.executeWithoutResult(status -> {
                    insert("gone");
                    asker.convertAndSend(new SqlmqQueue(queueName() + "-other"), "gone");
                    assertThat(answer(asker)).isEqualTo("answer to request");
                    status.setRollbackOnly();
                });
            }
        }
        caching.destroy();
        assertThat(rows()).isEmpty();
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        assertThat(jms.receive(new SqlmqQueue(queueName() + "-other"))).isNull();
    }

    private static Object answer(JmsTemplate asker) {
        Message answer = asker.sendAndReceive(own -> own.createTextMessage("request"));
        try {
            return answer == null ? "no answer" : answer.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    // ---- propagation

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anInnerTransactionIsIndependent(boolean innerCommits) {
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("outer");
            insert("outer");
            with(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(inner -> {
                jms.convertAndSend("inner");
                insert("inner");
                if (!innerCommits) {
                    inner.setRollbackOnly();
                }
            });
            if (innerCommits) {
                outer.setRollbackOnly();
            }
            jms.convertAndSend("outer 2");
            insert("outer 2");
        });
        assertThat(rows()).containsExactlyElementsOf(innerCommits ? List.of("inner") : List.of("outer", "outer 2"));
        assertThat(left()).containsExactlyElementsOf(innerCommits ? List.of("inner") : List.of("outer", "outer 2"));
    }

    @Test
    void aScopeWithoutTransactionIsNone() {
        with(TransactionDefinition.PROPAGATION_SUPPORTS).executeWithoutResult(status -> {
            jms.convertAndSend("supports");
            insert("supports");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(outer -> {
            with(TransactionDefinition.PROPAGATION_NOT_SUPPORTED).executeWithoutResult(status -> {
                jms.convertAndSend("not supported");
                insert("not supported");
            });
            with(TransactionDefinition.PROPAGATION_SUPPORTS).executeWithoutResult(status -> {
                jms.convertAndSend("takes part");
                insert("takes part");
            });
            with(TransactionDefinition.PROPAGATION_MANDATORY)
                    .executeWithoutResult(status -> jms.convertAndSend("takes part"));
            outer.setRollbackOnly();
        });
        assertThat(rows()).containsExactly("not supported", "supports");
        assertThat(left()).containsExactly("supports", "not supported");
    }

    @Test
    void aNestedTransactionRollsBackToItsSavepoint() {
        jms.convertAndSend("m");
        TransactionTemplate nested = with(TransactionDefinition.PROPAGATION_NESTED);
        insert("there");
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("outer");
            insert("outer");
            assertThatThrownBy(() -> nested.executeWithoutResult(status -> {
                        jms.convertAndSend("gone");
                        insert("there");
                    }))
                    .isInstanceOf(DuplicateKeyException.class);
            nested.executeWithoutResult(status -> {
                jms.convertAndSend("nested");
                insert("nested");
            });
            nested.executeWithoutResult(status -> {
                assertThat(jms.receiveAndConvert()).isEqualTo("m");
                jms.convertAndSend("gone");
                insert("gone");
                status.setRollbackOnly();
            });
            jms.convertAndSend("outer 2");
        });
        assertThat(rows()).containsExactly("nested", "outer", "there");
        List<Object> received = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            received.add(jms.receiveAndConvert());
        }
        assertThat(received).containsExactlyInAnyOrder("m", "outer", "nested", "outer 2");
        assertThat(left()).isEmpty();
    }

    @Test
    void whatWasReceivedBeforeANestedTransactionStaysReceived() {
        jms.convertAndSend("before");
        jms.convertAndSend("within");
        transaction.executeWithoutResult(outer -> {
            assertThat(jms.receiveAndConvert()).isEqualTo("before");
            with(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult(status -> {
                assertThat(jms.receiveAndConvert()).isEqualTo("within");
                status.setRollbackOnly();
            });
            insert("outer");
        });
        assertThat(rows()).containsExactly("outer");
        assertThat(jms.receiveAndConvert()).isEqualTo("within");
        assertThat(left()).isEmpty();
    }

    @Test
    void whoTakesPartAndFailsRollsBackAll() {
        assertThatThrownBy(() -> transaction.executeWithoutResult(outer -> {
                    jms.convertAndSend("gone");
                    assertThatThrownBy(() -> transaction.executeWithoutResult(inner -> {
                                insert("gone");
                                throw onPurpose();
                            }))
                            .isInstanceOf(IllegalArgumentException.class);
                }))
                .isInstanceOf(UnexpectedRollbackException.class);
        assertThat(rows()).isEmpty();
        assertThat(left()).isEmpty();
    }

    // ---- beside other managers

    @Test
    void aDataSourceTransactionManagerTakesPart() {
        TransactionTemplate plain = new TransactionTemplate(new DataSourceTransactionManager(pool));
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("gone");
            plain.executeWithoutResult(inner -> insert("gone"));
            outer.setRollbackOnly();
        });
        assertThatThrownBy(() -> transaction.executeWithoutResult(outer -> {
                    jms.convertAndSend("gone");
                    plain.executeWithoutResult(inner -> inner.setRollbackOnly());
                }))
                .isInstanceOf(UnexpectedRollbackException.class);
        plain.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(outer -> {
            jms.convertAndSend("gone");
            plain.executeWithoutResult(inner -> {
                insert("kept");
                jms.convertAndSend("kept");
            });
            outer.setRollbackOnly();
        });
        assertThat(rows()).containsExactly("kept");
        assertThat(left()).containsExactly("kept");
    }

    @Test
    void itTakesPartInATransactionOfADataSourceTransactionManager() {
        TransactionTemplate plain = new TransactionTemplate(new DataSourceTransactionManager(pool));
        plain.executeWithoutResult(outer -> {
            transaction.executeWithoutResult(inner -> {
                jms.convertAndSend("gone");
                insert("gone");
            });
            outer.setRollbackOnly();
        });
        assertThatThrownBy(() -> plain.executeWithoutResult(
                        outer -> transaction.executeWithoutResult(inner -> inner.setRollbackOnly())))
                .isInstanceOf(UnexpectedRollbackException.class);
        plain.executeWithoutResult(outer -> {
            with(TransactionDefinition.PROPAGATION_REQUIRES_NEW).executeWithoutResult(inner -> {
                jms.convertAndSend("kept");
                insert("kept");
            });
            jms.convertAndSend("gone");
            outer.setRollbackOnly();
        });
        assertThat(rows()).containsExactly("kept");
        assertThat(left()).containsExactly("kept");
    }

    @Test
    void anotherFactoryWithTheSamePoolTakesPart() {
        try (SqlmqConnectionFactory other = new SqlmqConnectionFactory(pool)) {
            JmsTemplate theirs = template(other);
            transaction.executeWithoutResult(status -> {
                insert("gone");
                theirs.convertAndSend("gone");
                status.setRollbackOnly();
            });
            transaction.executeWithoutResult(status -> {
                theirs.convertAndSend("kept");
                insert("kept");
            });
        }
        assertThat(rows()).containsExactly("kept");
        assertThat(left()).containsExactly("kept");
    }

    @Test
    void anotherPoolIsRefused() {
        try (HikariDataSource other = new HikariDataSource()) {
            other.setJdbcUrl(pool.getJdbcUrl());
            assertThatThrownBy(() -> new SqlmqTransactionManager(factory, other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("another pool");
        }
    }

    // ---- what is asked of a transaction

    @Test
    void aReadOnlyTransactionReads() {
        transaction.setReadOnly(true);
        assertThat(transaction.<List<String>>execute(status -> rows())).isEmpty();
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> insert("refused")))
                .isInstanceOf(DataAccessException.class)
                .hasMessageContaining("read-only");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> jms.convertAndSend("refused")))
                .isInstanceOf(JmsException.class)
                .hasMessageContaining("readOnly = true");
        assertThat(left()).isEmpty();
    }

    /** Texts that Spring hands on: what it calls uncategorized says nothing. */
    @ParameterizedTest
    @CsvSource({"true, 4", "true, 8", "false, 4", "false, 8"})
    void whereNothingCanBeReceivedTheExceptionSaysWhatToChange(boolean ours, int isolation) {
        jms.convertAndSend("kept");
        PlatformTransactionManager begins = ours ? manager : new DataSourceTransactionManager(pool);
        for (String selector : new String[] {null, "JMSPriority > 0"}) {
            TransactionTemplate isolated = new TransactionTemplate(begins);
            isolated.setIsolationLevel(isolation);
            assertThatThrownBy(() -> isolated.executeWithoutResult(status -> jms.receiveSelected(queue, selector)))
                    .isInstanceOf(org.springframework.jms.IllegalStateException.class)
                    .hasMessageContaining(queue.toString())
                    .hasMessageContaining("READ COMMITTED")
                    .hasMessageContaining(isolation == 4 ? "REPEATABLE READ" : "SERIALIZABLE")
                    .hasMessageContaining("without isolation = …");
        }
        TransactionTemplate readOnly = new TransactionTemplate(begins);
        readOnly.setReadOnly(true);
        assertThatThrownBy(() -> readOnly.executeWithoutResult(status -> jms.receive()))
                .isInstanceOf(org.springframework.jms.IllegalStateException.class)
                .hasMessageContaining("without readOnly = true");
        TransactionTemplate failed = new TransactionTemplate(new DataSourceTransactionManager(pool));
        assertThatThrownBy(() -> failed.executeWithoutResult(status -> {
                    assertThatThrownBy(() -> jdbc.execute("SELECT 1/0")).isNotNull();
                    jms.convertAndSend("refused");
                }))
                .isInstanceOf(org.springframework.jms.IllegalStateException.class)
                .hasMessageContaining("Look for the first exception");
        assertThat(left()).containsExactly("kept");
    }

    @Test
    void aTransactionMayBeSerializable() {
        jms.convertAndSend("kept");
        transaction.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
        transaction.executeWithoutResult(status -> {
            assertThat(jdbc.queryForObject("SHOW transaction_isolation", String.class))
                    .isEqualTo("serializable");
            insert("gone");
            jms.convertAndSend("gone");
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> {
            insert("kept");
            jms.convertAndSend("kept 2");
        });
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> jms.receive()))
                .isInstanceOf(JmsException.class)
                .hasStackTraceContaining("READ COMMITTED");
        assertThat(rows()).containsExactly("kept");
        assertThat(left()).containsExactly("kept", "kept 2");
    }

    @Test
    void aTransactionWhoseTimeIsOverSaysSo() {
        jms.convertAndSend("m");
        transaction.setTimeout(1);
        assertThatThrownBy(() -> transaction.executeWithoutResult(
                        status -> jdbc.queryForObject("SELECT 1 FROM (SELECT pg_sleep(20)) s", Integer.class)))
                .isInstanceOf(DataAccessException.class)
                .hasMessageContaining("canceling statement");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    assertThat(jms.receiveSelected("x = 'nothing'")).isNull(); // as long as the transaction's time is
                    jms.convertAndSend("too late");
                }))
                .isInstanceOf(JmsException.class)
                .hasCauseInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("time is over");
        assertThat(left()).containsExactly("m");
    }

    // ---- the end

    private static void callback(List<Integer> statuses, Runnable afterCommit, Runnable afterCompletion) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                afterCommit.run();
            }

            @Override
            public void afterCompletion(int status) {
                statuses.add(status);
                afterCompletion.run();
            }
        });
    }

    @Test
    void workInCallbacksAfterTheEndIsDurableWhenItReturns() {
        List<Integer> statuses = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            insert("in it");
            jms.convertAndSend("in it");
            callback(
                    statuses,
                    () -> {
                        jms.convertAndSend("after commit");
                        insert("after commit");
                        transaction.executeWithoutResult(own -> {
                            insert("gone");
                            jms.convertAndSend("gone");
                            own.setRollbackOnly();
                        });
                        transaction.executeWithoutResult(own -> {
                            insert("required");
                            jms.convertAndSend("required");
                        });
                        insert("after commit 2");
                    },
                    () -> {
                        jms.convertAndSend("after completion");
                        insert("after completion");
                        transaction.executeWithoutResult(own -> jms.convertAndSend("required"));
                    });
        });
        assertThat(statuses).containsExactly(TransactionSynchronization.STATUS_COMMITTED);
        assertThat(rows()).containsExactly("after commit", "after commit 2", "after completion", "in it", "required");
        assertThat(left()).containsExactly("in it", "after commit", "required", "after completion", "required");
        await().untilAsserted(
                        () -> // one listens
                        assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                                .isLessThanOrEqualTo(1));
    }

    @Test
    void aBrokenConnectionRollsBack() {
        List<Integer> statuses = new ArrayList<>();
        jms.convertAndSend("m");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    callback(statuses, () -> {}, () -> {});
                    assertThat(jms.receiveAndConvert()).isEqualTo("m");
                    int backend = jdbc.queryForObject("SELECT pg_backend_pid()", Integer.class);
                    terminate(backend);
                }))
                .isInstanceOf(UnexpectedRollbackException.class)
                .hasCauseInstanceOf(TransactionRolledBackException.class);
        assertThat(statuses).containsExactly(TransactionSynchronization.STATUS_ROLLED_BACK);
        assertThat(jms.receiveAndConvert()).isEqualTo("m");
    }

    private void terminate(int backend) {
        SingleConnectionDataSource beside = new SingleConnectionDataSource(pool.getJdbcUrl(), true);
        new JdbcTemplate(beside).queryForObject("SELECT pg_terminate_backend(?, 10000)", Boolean.class, backend);
        beside.destroy();
    }

    @Test
    void aConstraintThatIsCheckedAtTheCommitIsOneOfTheData() {
        List<Integer> statuses = new ArrayList<>();
        jdbc.execute(
                "ALTER TABLE " + table + " ADD part_of text REFERENCES " + table + " DEFERRABLE INITIALLY DEFERRED");
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    callback(statuses, () -> {}, () -> {});
                    jms.convertAndSend("gone");
                    jdbc.update("INSERT INTO " + table + " VALUES ('a', 'nothing')");
                }))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThat(statuses).containsExactly(TransactionSynchronization.STATUS_ROLLED_BACK);
        assertThat(left()).isEmpty();
    }

    /** The connection breaks over the COMMIT, and nobody can be asked. */
    @Test
    void anUnknownOutcomeIsSaidToBeUnknown() {
        AtomicBoolean away = new AtomicBoolean();
        DataSource unreliable = new DelegatingDataSource(pool) {
            @Override
            public Connection getConnection() throws SQLException {
                if (away.get()) {
                    throw new SQLException("The database is away", "08001");
                }
                return super.getConnection();
            }
        };
        List<Integer> statuses = new ArrayList<>();
        try (SqlmqConnectionFactory own = new SqlmqConnectionFactory(unreliable)) {
            JdbcTemplate sql = new JdbcTemplate(unreliable);
            TransactionTemplate unsure = new TransactionTemplate(new SqlmqTransactionManager(own));
            assertThatThrownBy(() -> unsure.executeWithoutResult(status -> {
                        callback(statuses, () -> {}, () -> {});
                        template(own).convertAndSend("perhaps");
                        int backend = sql.queryForObject("SELECT pg_backend_pid()", Integer.class);
                        away.set(true);
                        terminate(backend);
                    }))
                    .isInstanceOf(TransactionSystemException.class)
                    .hasCauseInstanceOf(OutcomeUnknownJmsException.class);
            away.set(false);
        }
        assertThat(statuses).containsExactly(TransactionSynchronization.STATUS_UNKNOWN);
    }

    @Test
    void aSessionThatIsUsedAfterTheEndTakesNothingAlongToTheNextTransaction() {
        transaction.executeWithoutResult(status -> jms.execute(session -> {
            callback(new ArrayList<>(), () -> sendBy(session), () -> {});
            return null;
        }));
        transaction.executeWithoutResult(status -> jms.convertAndSend("next"));
        assertThat(left()).containsExactly("next");
    }

    private void sendBy(jakarta.jms.Session session) {
        try (var producer = session.createProducer(queue)) {
            producer.send(session.createTextMessage("too late"));
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aClosedFactoryBeginsNothing() {
        factory.close();
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {}))
                .isInstanceOf(CannotCreateTransactionException.class);
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
    }
}
