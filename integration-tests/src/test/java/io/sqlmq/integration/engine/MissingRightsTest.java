package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.testing.Async;
import io.sqlmq.testing.TestXid;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a role may not do fails with the statement that lets it do that, and not more: with each that it says, the call works. */
class MissingRightsTest extends IntegrationTest {

    private static final String ROLE = "rights_role";

    /** What an error text says to execute. */
    private static final Pattern STATEMENT =
            Pattern.compile("SELECT mq_grant\\('role', '[a-z ]+'\\)|GRANT [A-Z]+ ON [^;]+ TO the role");

    private interface Sending {
        void send(Session session, MessageProducer producer, Message message) throws Exception;
    }

    private interface Consuming {
        void consume(Connection connection, Session session, String queue) throws JMSException;
    }

    private interface Administering {
        void administer(SqlmqAdmin admin, String queue) throws JMSException;
    }

    private interface Work {
        void on(SqlmqConnectionFactory factory, String queue) throws Exception;
    }

    /**
     * Something that an application does.
     *
     * @param right what a role needs for it
     */
    private record Operation(String name, String right, Work work) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Operation> OPERATIONS = List.of(
            new Operation(
                    "SEND",
                    "send",
                    sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> producer.send(message))),
            new Operation(
                    "SEND_NON_PERSISTENT", "send", sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> {
                        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
                        producer.send(message);
                    })),
            new Operation("SEND_ASYNC", "send", sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> {
                CompletableFuture<Message> sent = new CompletableFuture<>();
                producer.send(message, new CompletionListener() {
                    @Override
                    public void onCompletion(Message completed) {
                        sent.complete(completed);
                    }

                    @Override
                    public void onException(Message failed, Exception e) {
                        sent.completeExceptionally(e);
                    }
                });
                Async.get(sent);
            })),
            new Operation("SEND_LATER", "send", sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> {
                producer.setDeliveryDelay(1);
                producer.send(message);
            })),
            new Operation("SEND_ONCE", "send", sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> {
                message.setStringProperty("JMS_SQLMQ_DeduplicationId", "once");
                producer.send(message);
            })),
            new Operation("SEND_GROUPED", "send", sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> {
                message.setStringProperty("JMSXGroupID", "group");
                producer.send(message);
            })),
            new Operation("SCHEDULE", "send", sending(Session.AUTO_ACKNOWLEDGE, (session, producer, message) -> {
                message.setLongProperty("AMQ_SCHEDULED_DELAY", 3_600_000);
                producer.send(message);
            })),
            new Operation("SEND_WITH_LIMIT", "send", (from, queue) -> {
                from.getOptions().setMaxDepth(1_000);
                send(from, queue, "m");
            }),
            new Operation("SEND_TO_DECLARED", "send", (from, queue) -> {
                from.getOptions().setAutoCreate(false);
                send(from, queue, "m");
            }),
            new Operation("COMMIT", "send", sending(Session.SESSION_TRANSACTED, (session, producer, message) -> {
                producer.send(message);
                session.commit();
            })),
            new Operation("PUBLISH", "send", (from, queue) -> {
                try (Connection connection = from.createConnection();
                        Session session = connection.createSession()) {
                    session.createProducer(session.createTopic("topic")).send(session.createMessage());
                }
            }),
            new Operation("SEND_IN_BRANCH", "send", (from, queue) -> {
                try (XAConnection connection = from.createXAConnection();
                        XASession session = connection.createXASession()) {
                    TestXid xid = TestXid.next();
                    XAResource resource = session.getXAResource();
                    resource.start(xid, XAResource.TMNOFLAGS);
                    sendIn(session, queue, "m");
                    resource.end(xid, XAResource.TMSUCCESS);
                    resource.commit(xid, true);
                }
            }),
            new Operation(
                    "RECEIVE", "receive", consuming((connection, session, queue) -> receive(consumer(session, queue)))),
            new Operation("RECEIVE_AND_ROLL_BACK", "receive", consuming((connection, session, queue) -> {
                try (Session transacted = connection.createSession(Session.SESSION_TRANSACTED)) {
                    receive(consumer(transacted, queue));
                    transacted.rollback();
                    receive(consumer(transacted, queue));
                    transacted.commit();
                }
            })),
            new Operation("RECEIVE_FROM_DECLARED", "receive", (from, queue) -> {
                from.getOptions().setAutoCreate(false);
                drain(from, queue);
            }),
            new Operation("SELECT", "receive", consuming((connection, session, queue) -> {
                receive(session.createConsumer(
                        session.createQueue(queue), "JMSPriority > 3 AND JMS_SQLMQ_JSON$a IS NULL"));
            })),
            new Operation("RECEIVE_BY_PATTERN", "receive", consuming((connection, session, queue) -> {
                receive(consumer(session, queue + ".>," + queue));
            })),
            new Operation("RECEIVE_EXCLUSIVELY", "receive", consuming((connection, session, queue) -> {
                receive(consumer(session, queue + "?consumer.exclusive=true"));
            })),
            new Operation("BROWSE", "receive", consuming((connection, session, queue) -> {
                assertThat(session.createBrowser(session.createQueue(queue))
                                .getEnumeration()
                                .hasMoreElements())
                        .isTrue();
            })),
            new Operation("SUBSCRIBE", "receive", consuming((connection, session, queue) -> {
                session.createConsumer(session.createTopic("topic")).receiveNoWait();
            })),
            new Operation("SUBSCRIBE_BY_PATTERN", "receive", consuming((connection, session, queue) -> {
                session.createConsumer(session.createTopic("topic.>")).receiveNoWait();
            })),
            new Operation("SUBSCRIBE_SHARED", "receive", consuming((connection, session, queue) -> {
                session.createSharedConsumer(session.createTopic("topic"), "shared")
                        .receiveNoWait();
            })),
            new Operation("SUBSCRIBE_SHARED_DURABLE", "receive", consuming((connection, session, queue) -> {
                session.createSharedDurableConsumer(session.createTopic("topic"), queue)
                        .close();
                session.unsubscribe(queue);
            })),
            new Operation("SUBSCRIBE_DURABLE", "receive", (from, queue) -> {
                try (Connection connection = from.createConnection()) {
                    connection.setClientID("client of " + queue);
                    Session session = connection.createSession();
                    session.createDurableConsumer(session.createTopic("topic"), queue)
                            .close();
                    session.unsubscribe(queue);
                }
            }),
            new Operation("TEMPORARY_QUEUE", "receive", consuming((connection, session, queue) -> {
                session.createConsumer(session.createTemporaryQueue()).receiveNoWait();
            })),
            new Operation("ADMIN_COUNT", "administer", administering((admin, queue) -> admin.count(queue))),
            new Operation("ADMIN_BROWSE", "administer", administering((admin, queue) -> admin.browse(queue, 10))),
            new Operation("ADMIN_PURGE", "administer", administering((admin, queue) -> admin.purge(queue))),
            new Operation(
                    "ADMIN_REMOVE", "administer", administering((admin, queue) -> admin.remove(queue, randomId()))),
            new Operation("ADMIN_MOVE", "administer", administering((admin, queue) -> admin.move(queue, "elsewhere"))),
            new Operation("ADMIN_COPY", "administer", administering((admin, queue) -> admin.copy(queue, "elsewhere"))),
            new Operation("ADMIN_RETRY", "administer", administering((admin, queue) -> admin.retry(queue))),
            new Operation("ADMIN_SET_ASIDE", "administer", administering((admin, queue) -> admin.setAside(queue, 10))),
            new Operation(
                    "ADMIN_COUNT_SET_ASIDE", "administer", administering((admin, queue) -> admin.countSetAside(null))),
            new Operation(
                    "ADMIN_RETRY_SET_ASIDE", "administer", administering((admin, queue) -> admin.retrySetAside(queue))),
            new Operation(
                    "ADMIN_REMOVE_SET_ASIDE",
                    "administer",
                    administering((admin, queue) -> admin.removeSetAside(queue))),
            new Operation("ADMIN_SCHEDULES", "administer", administering((admin, queue) -> admin.schedules())),
            new Operation(
                    "ADMIN_REMOVE_SCHEDULE",
                    "administer",
                    administering((admin, queue) -> admin.removeSchedule(randomId()))),
            new Operation("ADMIN_PAUSE", "administer", administering((admin, queue) -> {
                admin.pause(queue, "because");
                admin.pause(queue, "because of that");
                admin.pausedQueues();
                admin.resume(queue);
            })),
            new Operation("ADMIN_CHANGE", "administer", administering((admin, queue) -> {
                admin.reschedule(queue, randomId(), Instant.EPOCH);
                admin.reprioritize(queue, randomId(), 9);
                admin.cancel(queue, randomId());
                admin.attempts(randomId());
            })),
            new Operation("ADMIN_DECLARE", "administer", administering((admin, queue) -> {
                admin.declareQueue(queue);
                admin.declareTopic(queue);
            })),
            new Operation("ADMIN_DECLARED", "administer", administering((admin, queue) -> {
                admin.declaredQueues();
                admin.declaredTopics();
            })),
            new Operation("ADMIN_DELETE", "administer", administering((admin, queue) -> {
                admin.deleteQueue(queue);
                admin.deleteTopic(queue);
            })));

    private static Work sending(int mode, Sending how) {
        return (from, queue) -> {
            try (Connection connection = from.createConnection();
                    Session session = connection.createSession(mode)) {
                Destination to = session.createQueue(queue);
                how.send(session, session.createProducer(to), session.createTextMessage("m"));
            }
        };
    }

    private static Work consuming(Consuming how) {
        return (from, queue) -> {
            try (Connection connection = from.createConnection()) {
                connection.start();
                how.consume(connection, connection.createSession(Session.AUTO_ACKNOWLEDGE), queue);
            }
        };
    }

    private static Work administering(Administering how) {
        return (from, queue) -> how.administer(from.admin(), queue);
    }

    private static String randomId() {
        return "ID:" + UUID.randomUUID();
    }

    /** A role that may connect, with nothing from PUBLIC but USAGE on the schema. */
    @BeforeEach
    void aRoleWithoutRights() throws Exception {
        factory.createConnection().close();
        sql(
                "DO $$ BEGIN IF EXISTS (SELECT FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
                        + " WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0)"
                        + " THEN REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC; END IF; END $$",
                role(ROLE),
                "DROP OWNED BY " + ROLE,
                "GRANT USAGE ON SCHEMA public TO " + ROLE);
    }

    /** With what the role has at first. */
    static Stream<Arguments> operations() {
        return Stream.of("", "send", "receive")
                .flatMap(has -> OPERATIONS.stream()
                        .filter(operation -> !operation.right.equals(has))
                        .map(operation -> Arguments.of(has, operation)));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void whatIsRefusedSaysWhatLetsItPass(String has, Operation operation) throws Exception {
        factory.admin().declareQueue(queue);
        send("m");
        Session subscribing = session(Session.AUTO_ACKNOWLEDGE);
        subscribing
                .createSharedDurableConsumer(subscribing.createTopic("topic"), "gets what is published")
                .close();
        if (!has.isEmpty()) {
            grant("SELECT mq_grant('role', '" + has + "')");
        }
        List<String> granted = new ArrayList<>();
        for (Exception refused = attempt(operation); refused != null; refused = attempt(operation)) {
            List<String> needed = told(refused);
            assertThat(needed)
                    .as("what lets it pass, after %s", granted)
                    .isNotEmpty()
                    .noneMatch(granted::contains);
            granted.addAll(needed);
            needed.forEach(this::grant);
        }
        granted.removeIf(statement -> statement.startsWith("GRANT")); // to read the version of the tables
        assertThat(granted)
                .hasSizeBetween(has.isEmpty() ? 1 : 0, 1) // senders may count, receivers may browse and delete
                .allMatch(("SELECT mq_grant('role', '" + operation.right + "')")::equals);
    }

    private Exception attempt(Operation operation) {
        try (SqlmqConnectionFactory asRole = new SqlmqConnectionFactory(with(url, "user", ROLE))) {
            operation.work.on(asRole, queue);
            return null;
        } catch (Exception e) {
            return e;
        }
    }

    private static List<String> told(Exception refused) {
        assertThat(refused)
                .isInstanceOfAny(
                        JMSSecurityException.class,
                        JMSSecurityRuntimeException.class,
                        TransactionRolledBackException.class,
                        XAException.class)
                .hasMessageFindingMatch("permission denied for \\w+ mq_\\w+");
        return STATEMENT
                .matcher(refused.getMessage().replaceFirst(" for what was sent.*", ""))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private void grant(String statement) {
        sql(statement.replace("'role'", "'" + ROLE + "'").replace("TO the role", "TO " + ROLE));
    }

    @Test
    void whoMayNotConnectIsToldSo() {
        String database = value("SELECT quote_ident(current_database())");
        sql("REVOKE CONNECT ON DATABASE " + database + " FROM PUBLIC");
        try {
            assertThatThrownBy(() -> factory.createConnection(ROLE, "any"))
                    .isInstanceOf(JMSSecurityException.class)
                    .hasMessageContaining("permission denied for database")
                    .hasMessageContaining("GRANT CONNECT ON DATABASE")
                    .hasMessageNotContaining("mq_grant");
        } finally {
            sql("GRANT CONNECT ON DATABASE " + database + " TO PUBLIC");
        }
    }
}
