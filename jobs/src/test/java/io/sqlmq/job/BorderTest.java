package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sqlmq.jms.ChangeResult;
import io.sqlmq.jms.MessagePart;
import io.sqlmq.jms.MessageQuery;
import io.sqlmq.jms.QueueLimit;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs are messages, and messages are jobs. */
class BorderTest extends JobsTestCase {
    private SqlmqConnectionFactory factory;

    @BeforeEach
    void connect() {
        factory = closing(new SqlmqConnectionFactory(pool));
    }

    @Test
    void aJobIsReceivedAsAMessage() throws Exception {
        JobId json = jobs.job("greet").channelArgs("x").json(List.of(1)).spawn();
        jobs.job("raw").bytes(new byte[] {7}).spawn();
        try (JMSContext context = factory.createContext()) {
            var consumer = context.createConsumer(context.createQueue("jobs"));
            Message first = consumer.receive(30_000);
            assertThat(((TextMessage) first).getText()).isEqualTo("[1]");
            assertThat(first.getJMSMessageID()).isEqualTo("ID:" + json);
            assertThat(first.getJMSType()).isEqualTo("greet");
            assertThat(first.getStringProperty("JMS_SQLMQ_ChannelArgs")).isEqualTo("x");
            BytesMessage second = (BytesMessage) consumer.receive(30_000);
            assertThat(second.readByte()).isEqualTo((byte) 7);
        }
        assertThat(count("SELECT count(*) FROM mq_msgs")).isZero();
    }

    /** In it are sqlxmq's jobs that name no channel. */
    @Test
    void aChannelWithoutANameIsServedAndOperated() throws Exception {
        registry.handler("example_job", job -> seen.add(job.json(String.class)));
        jobs.pause("");
        run("");
        execute(
                "SELECT mq_insert(ARRAY[(gen_random_uuid(), NULL, NULL, NULL, '', '', NULL, false, 'example_job', '\"John\"', NULL)::mq_new_t])");
        JobId cancelled = jobs.job("example_job").channel("").json("no").spawn();
        jobs.job("example_job").channel("").json("Ann").spawn();
        assertThat(jobs.cancel(cancelled)).isEqualTo(ChangeResult.DONE);
        jobs.resume("");
        seenEventually("John", "Ann");

        jobs.job("example_job")
                .channel("")
                .json("late")
                .delay(Duration.ofHours(1))
                .spawn();
        SqlmqAdmin admin = factory.admin();
        admin.limit("", QueueLimit.running(1));
        assertThat(admin.unlimit("")).isTrue();
        assertThat(admin.count("")).isEqualTo(1);
        assertThat(admin.messages(MessageQuery.of("").part(MessagePart.WAITING)).messages())
                .hasSize(1);
        assertThat(admin.purge("")).isEqualTo(1);
    }

    @Test
    void aMessageIsAJobOfTheNameOfItsType() {
        registry.handler("greet", job -> seen.add(job.json(String.class) + (job.bytes() == null)));
        registry.handler("raw", job -> seen.add(job.bytes()[0]));
        run();
        try (JMSContext context = factory.createContext()) {
            var producer = context.createProducer();
            producer.setJMSType("greet").send(context.createQueue("jobs"), "\"Ann\"");
            eventually(() -> seen.size() == 1);
            producer.setJMSType("raw").send(context.createQueue("jobs"), new byte[] {7});
            seenEventually("Anntrue", (byte) 7);
        }
    }

    @Test
    void aConsumerOfMessagesRetriesJobsAsTheySay() throws Exception {
        jobs.job("greet").retries(1).backoff(Duration.ofMillis(300)).json("x").spawn();
        try (JMSContext context = factory.createContext(Session.SESSION_TRANSACTED)) {
            var consumer = context.createConsumer(context.createQueue("jobs"));
            assertThat(consumer.receive(30_000)).isNotNull();
            long failed = System.nanoTime();
            context.rollback();
            assertThat(consumer.receive(30_000)).isNotNull();
            assertThat(System.nanoTime() - failed).isGreaterThanOrEqualTo(300_000_000L);
            context.rollback();
            var dead = context.createConsumer(context.createQueue("DLQ"));
            assertThat(dead.receiveBody(String.class, 30_000)).isEqualTo("\"x\"");
            context.commit();
        }
    }

    @Test
    void orderHoldsAcrossTheBorder() {
        registry.handler(JobOptions.named("step").ordered(true).backoff(Duration.ofMillis(50)), job -> {
            seen.add(job.rawJson());
            if (job.rawJson().equals("\"1\"") && job.attempt() < 3) {
                throw new IllegalStateException("not yet");
            }
        });
        try (JMSContext context = factory.createContext()) {
            var producer = context.createProducer();
            for (int i = 1; i <= 3; i++) {
                jobs.job("step").channelArgs("g").json(Integer.toString(i)).spawn();
                producer.setJMSType("step")
                        .setProperty("JMSXGroupID", "g")
                        .send(context.createQueue("jobs"), "\"m" + i + "\"");
            }
        }
        run();
        seenEventually("\"1\"", "\"1\"", "\"1\"", "\"m1\"", "\"2\"", "\"m2\"", "\"3\"", "\"m3\"");
        assertThat(failures).hasSize(2);
    }

    @Test
    void theRowIsWhatMqInsertWrites() throws Exception {
        for (String args : List.of("", "a".repeat(600), "b")) {
            for (boolean ordered : new boolean[] {true, false}) {
                execute("DELETE FROM mq_msgs");
                jobs.job("greet")
                        .channelArgs(args)
                        .ordered(ordered)
                        .retries(2)
                        .backoff(Duration.ofSeconds(200))
                        .json(1)
                        .bytes(new byte[] {7})
                        .commitInterval(Duration.ofMinutes(1))
                        .spawn();
                execute("SELECT mq_insert(ARRAY[(gen_random_uuid(), interval '0', 2, interval '200 s', 'jobs', '" + args
                        + "', interval '1 min', " + ordered + ", 'greet', '1', '\\x07')::mq_new_t])");
                assertThat(count(
                                "SELECT count(DISTINCT to_jsonb(m) - 'id' - 'seq' - 'sent_at' - 'attempt_at' - 'expires_at')"
                                        + " FROM mq_msgs m"))
                        .isEqualTo(1);
                assertThat(count("SELECT count(*) FROM mq_msgs WHERE expires_at = attempt_at"))
                        .isEqualTo(2);
            }
        }
    }

    @Test
    void jobsOfSqlAreRun() throws Exception {
        registry.handler("greet", job -> seen.add(job.json(String.class) + job.bytes()[0] + job.attempt()));
        run();
        execute(
                "SELECT mq_insert(ARRAY[(gen_random_uuid(), interval '0', 2, interval '1 s', 'jobs', '', NULL, false, 'greet',"
                        + " '\"Ann\"', '\\x07')::mq_new_t])");
        seenEventually("Ann71");
    }

    @Test
    void jobsArePolledBySql() throws Exception {
        JobId id = jobs.job("greet")
                .retries(2)
                .backoff(Duration.ofSeconds(7))
                .json("Ann")
                .spawn();
        assertThat(value("SELECT concat_ws(' ', id, is_committed, name, payload_json, retry_backoff)"
                        + " FROM mq_poll(ARRAY['jobs'], 10)"))
                .isEqualTo(id + " t greet \"Ann\" 00:00:07");
        registry.handler("greet", job -> seen.add("too early"));
        run();
        execute("SELECT mq_delete(ARRAY['" + id + "'::uuid])");
        assertThat(seen).isEmpty();
    }

    @Test
    void whoPollsIsTold() throws Exception {
        try (var listening = pool.getConnection();
                var statement = listening.createStatement()) {
            statement.execute("LISTEN mq_jobs");
            var notifications = listening.unwrap(org.postgresql.PGConnection.class);
            jobs.job("greet").json("committed").spawn();
            eventually(() -> notifications.getNotifications(100).length > 0);
            try (var connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                jobs.job("greet").json("with the application").spawn(connection);
                connection.commit();
                connection.setAutoCommit(true);
            }
            eventually(() -> notifications.getNotifications(100).length > 0);
            statement.execute("UNLISTEN *");
        }
    }

    @Test
    void jobsAndSessionsOfOneFactoryShareItsPoolAndTransactions() throws Exception {
        Jobs own = Jobs.on(factory, registry);
        registry.handler("greet", job -> seen.add(job.json(String.class)));
        closing(own.runner().start());
        try (var connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (var scope = io.sqlmq.jms.SqlmqTransactions.join(connection)) {
                own.job("greet").json("undone").spawn();
            }
            connection.rollback();
            try (var scope = io.sqlmq.jms.SqlmqTransactions.join(connection)) {
                own.job("greet").json("done").spawn();
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
        seenEventually("done");
    }
}
