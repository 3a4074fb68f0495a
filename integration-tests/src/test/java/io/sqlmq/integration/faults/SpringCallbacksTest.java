package io.sqlmq.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.embedded.SqlmqEmbedded;
import io.sqlmq.jms.SchemaManagement;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.jms.SqlmqQueue;
import jakarta.jms.Queue;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jms.JmsException;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Work that comes when Spring's transaction has ended is not part of it, and is neither lost nor done twice. */
@Timeout(60)
class SpringCallbacksTest {
    private final Queue queue = new SqlmqQueue("callbacks-" + UUID.randomUUID());
    private final HikariDataSource pool = new HikariDataSource();
    private final DataSourceTransactionManager manager = new DataSourceTransactionManager(pool);
    private final TransactionTemplate transaction = new TransactionTemplate(manager);
    private SqlmqConnectionFactory factory;
    private JmsTemplate jms;

    /** When a transaction's callback comes. */
    enum When {
        BEFORE_COMMIT,
        AFTER_COMMIT,
        AFTER_COMPLETION,
        AFTER_ROLLBACK
    }

    private void open(boolean autoCommit) {
        pool.setJdbcUrl(SqlmqEmbedded.named("callbacks").jdbcUrl());
        pool.setAutoCommit(autoCommit);
        pool.setMaximumPoolSize(8);
        factory = new SqlmqConnectionFactory(pool);
        factory.getOptions().setSchemaManagement(SchemaManagement.MIGRATE);
        jms = new JmsTemplate(factory);
        jms.setDefaultDestination(queue);
        jms.setReceiveTimeout(10_000);
    }

    @AfterEach
    void close() {
        if (factory != null) {
            factory.close();
        }
        pool.close();
    }

    /** All of it, as another transaction sees it. */
    private List<Object> left() {
        List<Object> left = new ArrayList<>();
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        for (Object next = jms.receiveAndConvert(); next != null; next = jms.receiveAndConvert()) {
            left.add(next);
        }
        return left;
    }

    private static void callback(When when, Runnable action) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                run(When.BEFORE_COMMIT);
            }

            @Override
            public void afterCommit() {
                run(When.AFTER_COMMIT);
            }

            @Override
            public void afterCompletion(int status) {
                run(When.AFTER_COMPLETION);
                run(When.AFTER_ROLLBACK);
            }

            private void run(When now) {
                if (when == now) {
                    action.run();
                }
            }
        });
    }

    static Stream<Arguments> situations() {
        return Stream.of(When.values())
                .flatMap(when -> Stream.of(true, false)
                        .flatMap(before -> Stream.of(true, false).map(auto -> arguments(when, before, auto))));
    }

    @ParameterizedTest
    @MethodSource("situations")
    void aSendInACallbackIsThereOnceItReturns(When when, boolean jmsBefore, boolean autoCommit) {
        open(autoCommit);
        transaction.executeWithoutResult(status -> {
            if (jmsBefore) {
                jms.convertAndSend("in the transaction");
            }
            callback(when, () -> jms.convertAndSend("in the callback"));
            if (when == When.AFTER_ROLLBACK) {
                status.setRollbackOnly();
            }
        });
        assertThat(left())
                .containsExactlyElementsOf(
                        jmsBefore && when != When.AFTER_ROLLBACK
                                ? List.of("in the transaction", "in the callback")
                                : List.of("in the callback"));
    }

    @ParameterizedTest
    @MethodSource("situations")
    void aReceiveInACallbackIsTheLast(When when, boolean jmsBefore, boolean autoCommit) {
        open(autoCommit);
        jms.convertAndSend("m");
        List<Object> received = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            if (jmsBefore) {
                jms.convertAndSend("in the transaction");
            }
            callback(when, () -> received.add(jms.receiveAndConvert()));
            if (when == When.AFTER_ROLLBACK) {
                status.setRollbackOnly();
            }
        });
        assertThat(received).containsExactly("m");
        assertThat(left())
                .containsExactlyElementsOf(
                        jmsBefore && when != When.AFTER_ROLLBACK ? List.of("in the transaction") : List.of());
    }

    @ParameterizedTest
    @MethodSource("situations")
    void aTransactionOfItsOwnInACallbackIsJoined(When when, boolean jmsBefore, boolean autoCommit) {
        open(autoCommit);
        TransactionTemplate inner = new TransactionTemplate(manager);
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        transaction.executeWithoutResult(status -> {
            if (jmsBefore) {
                jms.convertAndSend("in the transaction");
            }
            callback(when, () -> {
                inner.executeWithoutResult(own -> jms.convertAndSend("kept"));
                inner.executeWithoutResult(own -> {
                    jms.convertAndSend("gone");
                    own.setRollbackOnly();
                });
            });
            if (when == When.AFTER_ROLLBACK) {
                status.setRollbackOnly();
            }
        });
        assertThat(left()).contains("kept").doesNotContain("gone");
    }

    /** Spring lets a scope in a callback take part in a transaction that has ended. */
    @ParameterizedTest
    @MethodSource("situations")
    void aScopeThatTakesPartInAnEndedTransactionLosesNothingInSilence(
            When when, boolean jmsBefore, boolean autoCommit) {
        open(autoCommit);
        List<Exception> failures = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            if (jmsBefore) {
                jms.convertAndSend("in the transaction");
            }
            callback(when, () -> {
                try {
                    transaction.executeWithoutResult(part -> jms.convertAndSend("in the scope"));
                } catch (IllegalTransactionStateException | JmsException e) {
                    failures.add(e);
                }
            });
            if (when == When.AFTER_ROLLBACK) {
                status.setRollbackOnly();
            }
        });
        if (failures.isEmpty()) {
            assertThat(left()).contains("in the scope");
        } else {
            assertThat(jmsBefore || when == When.BEFORE_COMMIT).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aManagerWithoutCallbacksIsJoined(boolean autoCommit) {
        open(autoCommit);
        manager.setTransactionSynchronization(DataSourceTransactionManager.SYNCHRONIZATION_NEVER);
        for (boolean rollBack : new boolean[] {true, false}) {
            transaction.executeWithoutResult(status -> {
                jms.convertAndSend(rollBack ? "gone" : "kept");
                if (rollBack) {
                    status.setRollbackOnly();
                }
            });
        }
        assertThat(left()).containsExactly("kept");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aScopeWithoutTransactionIsNone(boolean autoCommit) {
        open(autoCommit);
        TransactionTemplate scope = new TransactionTemplate(manager);
        for (int propagation :
                new int[] {TransactionDefinition.PROPAGATION_SUPPORTS, TransactionDefinition.PROPAGATION_NOT_SUPPORTED
                }) {
            scope.setPropagationBehavior(propagation);
            scope.executeWithoutResult(status -> {
                new JdbcTemplate(pool).queryForObject("SELECT 1", Integer.class); // keeps a connection
                jms.convertAndSend("m" + propagation);
            });
            transaction.executeWithoutResult(outer -> {
                scope.executeWithoutResult(status -> jms.convertAndSend("n" + propagation));
                outer.setRollbackOnly();
            });
        }
        assertThat(left()).containsExactly("m1", "m4", "n4"); // SUPPORTS takes part in the outer one
    }

    // ---- what ends badly

    @Test
    void aTransactionWhoseTimeIsOverSaysSo() {
        open(true);
        jms.convertAndSend("m");
        transaction.setTimeout(1);
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    new JdbcTemplate(pool).queryForObject("SELECT 1 FROM (SELECT pg_sleep(0)) s", Integer.class);
                    jms.setReceiveTimeout(1_200);
                    jms.receiveSelected("x = 'nothing'");
                    jms.convertAndSend("too late");
                }))
                .isInstanceOf(JmsException.class)
                .hasCauseInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("time is over");
        assertThat(left()).containsExactly("m");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReadOnlyTransactionIsNotTakenForAStandby(boolean send) {
        open(true);
        jms.convertAndSend("m");
        transaction.setReadOnly(true);
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    if (send) {
                        jms.convertAndSend("refused");
                    } else {
                        jms.receive();
                    }
                }))
                .isInstanceOf(JmsException.class)
                .hasCauseInstanceOf(jakarta.jms.IllegalStateException.class)
                .hasMessageContaining("readOnly = true")
                .hasMessageNotContaining("standby");
        assertThat(left()).containsExactly("m");
    }

    @Test
    void whatANestedTransactionRollsBackComesAgain() {
        open(true);
        factory.getOptions();
        jms.convertAndSend("m");
        TransactionTemplate nested = new TransactionTemplate(manager);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        transaction.executeWithoutResult(outer -> {
            nested.executeWithoutResult(status -> {
                assertThat(jms.receiveAndConvert()).isEqualTo("m");
                jms.convertAndSend("gone");
                status.setRollbackOnly();
            });
            jms.convertAndSend("kept");
        });
        jms.setReceiveTimeout(10_000);
        List<Object> received = new ArrayList<>(List.of(jms.receiveAndConvert(), jms.receiveAndConvert()));
        assertThat(received).containsExactlyInAnyOrder("m", "kept");
        assertThat(left()).isEmpty();
    }

    @Test
    void aTransactionThatIsToBeRolledBackTakesItsMessagesAlong() {
        open(true);
        TransactionTemplate part = new TransactionTemplate(manager);
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    part.executeWithoutResult(inner -> inner.setRollbackOnly());
                    jms.convertAndSend("gone");
                }))
                .isInstanceOf(org.springframework.transaction.UnexpectedRollbackException.class);
        assertThat(left()).isEmpty();
    }

    // ---- event listeners, as applications have them

    record Placed(String order) {}

    record Packed(String order) {}

    @Configuration
    @EnableTransactionManagement
    static class Shop {
        private static SpringCallbacksTest test;

        @Bean
        PlatformTransactionManager manager() {
            return test.manager;
        }

        @Bean
        Orders orders(ApplicationEventPublisher events) {
            return new Orders(events);
        }

        @Bean
        Listener listener(Parts parts, ApplicationEventPublisher events) {
            return new Listener(parts, events);
        }

        @Bean
        Parts parts() {
            return new Parts();
        }
    }

    static class Orders {
        private final ApplicationEventPublisher events;

        Orders(ApplicationEventPublisher events) {
            this.events = events;
        }

        @Transactional
        public void place(String order) {
            events.publishEvent(new Placed(order));
        }
    }

    static class Listener {
        private final Parts parts;
        private final ApplicationEventPublisher events;

        Listener(Parts parts, ApplicationEventPublisher events) {
            this.parts = parts;
            this.events = events;
        }

        @TransactionalEventListener
        public void placed(Placed placed) {
            switch (placed.order()) {
                case "plain" -> Shop.test.jms.convertAndSend("plain");
                case "after sql" -> {
                    new JdbcTemplate(Shop.test.pool).queryForObject("SELECT 1", Integer.class);
                    Shop.test.jms.convertAndSend("after sql");
                }
                case "participating" -> parts.participating();
                default -> parts.own(placed.order(), events);
            }
        }

        @TransactionalEventListener(phase = TransactionPhase.AFTER_COMPLETION)
        public void packed(Packed packed) {
            parts.participating();
        }
    }

    static class Parts {
        @Transactional
        public void participating() {
            Shop.test.jms.convertAndSend("participating");
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void own(String order, ApplicationEventPublisher events) {
            events.publishEvent(new Packed(order)); // a callback of the same class as the one that is running
            Shop.test.jms.convertAndSend(order);
            if (order.equals("fails")) {
                throw new IllegalArgumentException("on purpose");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eventListenersSendAfterTheCommit(boolean autoCommit) {
        open(autoCommit);
        Shop.test = this;
        try (AnnotationConfigApplicationContext shop = new AnnotationConfigApplicationContext(Shop.class)) {
            Orders orders = shop.getBean(Orders.class);
            for (String order : List.of("plain", "after sql", "participating")) {
                orders.place(order);
                assertThat(left()).containsExactly(order);
            }
            orders.place("own");
            assertThat(left()).containsExactlyInAnyOrder("own", "participating");
            try {
                orders.place("fails");
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessage("on purpose");
            }
            assertThat(left()).containsExactly("participating"); // after the rollback
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AFTER_COMMIT", "AFTER_COMPLETION"})
    void aReceiveThatWaitsInACallbackHearsOfWhatComes(When when) {
        open(true);
        assertThat(left()).isEmpty();
        jms.setReceiveTimeout(10_000);
        List<Object> received = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            jms.convertAndSend("m");
            callback(when, () -> received.add(jms.receiveAndConvert()));
        });
        assertThat(received).containsExactly("m");
        assertThat(left()).isEmpty();
    }
}
