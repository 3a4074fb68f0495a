package io.sqlmq.integration.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.integration.IntegrationTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Where a message comes and somebody waits for it: it is looked for once, not before and after, and nobody is left waiting for
 * all that.
 */
class NearlyEmptyQueueTest extends IntegrationTest {

    private static final int MESSAGES = 100;

    private final AtomicInteger claims = new AtomicInteger();
    /** Those of them that look everywhere. */
    private final AtomicInteger everywhere = new AtomicInteger();

    private long began;

    @AfterEach
    void repairPoll() {
        if (value("SELECT to_regproc('mq_look') IS NULL").equals("t")) {
            sql("ALTER FUNCTION mq_look_away RENAME TO mq_look");
        }
    }

    /** From here on nothing but a wake-up makes a waiting consumer look. */
    private void breakPoll() {
        sql("ALTER FUNCTION mq_look RENAME TO mq_look_away");
    }

    /** A factory whose claims are counted. */
    private SqlmqConnectionFactory counted() {
        HikariDataSource real = closeAfterwards(new HikariDataSource());
        real.setJdbcUrl(url.replaceFirst("\\?.*", ""));
        real.setUsername("postgres");
        real.setMaximumPoolSize(20);
        DataSource counting = new DelegatingDataSource(real) {
            @Override
            public java.sql.Connection getConnection() throws SQLException {
                java.sql.Connection connection = super.getConnection();
                return (java.sql.Connection) Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {java.sql.Connection.class},
                        (self, method, args) -> {
                            if (method.getName().equals("prepareStatement") && isClaim((String) args[0])) {
                                claims.incrementAndGet();
                                everywhere.addAndGet(((String) args[0]).contains("mq_claim(") ? 1 : 0);
                            }
                            try {
                                return method.invoke(connection, args);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
            }
        };
        return closeAfterwards(new SqlmqConnectionFactory(counting));
    }

    private static boolean isClaim(String sql) {
        return sql.contains("mq_claim(") || sql.contains("FOR UPDATE SKIP LOCKED");
    }

    private void startCounting() {
        claims.set(0);
        everywhere.set(0);
        began = System.nanoTime();
    }

    /** Besides, everything is looked at ten times a second. */
    private void assertOneClaimAMessage() {
        long tenths = (System.nanoTime() - began) / 100_000_000;
        assertThat((long) claims.get())
                .as("claims for %s messages in %s tenths of a second", MESSAGES, tenths)
                .isBetween((long) MESSAGES, MESSAGES * 5L / 4 + tenths);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aListenerClaimsEachMessageOnce(boolean elsewhere) throws Exception {
        Connection connection = connect(counted());
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        consumer(connection.createSession(), queue).setMessageListener(message -> received.add(textOf(message)));
        oneByOne(elsewhere ? connect(factory) : connection, received, List.of());
        assertOneClaimAMessage();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void receivesClaimEachMessageOnce(boolean elsewhere) throws Exception {
        Connection connection = connect(counted());
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            MessageConsumer consumer = consumer(connection.createSession(), queue);
            threads.add(start(() -> {
                while (!over.get()) {
                    Message message = consumer.receive(3 * SOON);
                    if (message != null) {
                        received.add(textOf(message));
                    }
                }
            }));
        }
        oneByOne(elsewhere ? connect(factory) : connection, received, threads);
        assertOneClaimAMessage();
        over.set(true);
        connection.close(); // ends the waits
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void transactionsClaimEachMessageOnce(boolean elsewhere) throws Exception {
        Connection connection = connect(counted());
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session, queue);
        Thread thread = start(() -> {
            while (!over.get()) {
                Message message = consumer.receive(3 * SOON);
                if (message != null) {
                    session.commit();
                    received.add(textOf(message));
                }
            }
        });
        oneByOne(elsewhere ? connect(factory) : connection, received, List.of(thread));
        assertOneClaimAMessage();
        over.set(true);
        connection.close();
        thread.join();
    }

    /** A request and its reply are two. */
    @Test
    void requestAndReplyAreClaimedOnceEach() throws Exception {
        Connection connection = connect(counted());
        Session answering = connection.createSession();
        MessageProducer replies = answering.createProducer(null);
        consumer(answering, queue).setMessageListener(message -> {
            try {
                replies.send(message.getJMSReplyTo(), answering.createTextMessage(textOf(message)));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        Session asking = connection.createSession();
        Queue replyTo = asking.createTemporaryQueue();
        MessageConsumer consumer = asking.createConsumer(replyTo);
        MessageProducer producer = asking.createProducer(asking.createQueue(queue));
        int warm = 20;
        for (int i = 0; i < warm + MESSAGES / 2; i++) {
            if (i == warm) {
                startCounting();
            }
            Message message = asking.createTextMessage("m" + i);
            message.setJMSReplyTo(replyTo);
            producer.send(message);
            assertThat(text(receive(consumer))).isEqualTo("m" + i);
        }
        assertOneClaimAMessage();
    }

    /** More than anybody is told of one by one: it is known in which table they are, and what finds less than it asked for has found all. */
    @Test
    void manyFromAnotherProcessAreClaimedInAFewClaims() throws Exception {
        Connection connection = connect(counted());
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        consumer(connection.createSession(), queue).setMessageListener(message -> received.add(textOf(message)));
        Session elsewhere = connect(factory).createSession(Session.SESSION_TRANSACTED);
        int warm = 5;
        int each = 30;
        for (int i = 0; i < warm + MESSAGES / 10; i++) {
            if (i == warm) {
                startCounting();
            }
            for (int k = 0; k < each; k++) {
                sendIn(elsewhere, queue, "m" + i + "-" + k);
            }
            elsewhere.commit();
            for (int k = 0; k < each; k++) {
                assertThat(received.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("m" + i + "-" + k);
            }
        }
        long tenths = (System.nanoTime() - began) / 100_000_000;
        assertThat((long) claims.get()).isLessThan(MESSAGES / 10 * 8L + tenths);
    }

    /**
     * Nobody is told of them one by one, and several take them, each further on than the others: that nothing is left is seen where they
     * were announced, without a look everywhere.
     */
    @Test
    void thatNothingIsLeftOfManyIsSeenWhereTheyWere() throws Exception {
        Connection connection = connect(counted());
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        for (int i = 0; i < 4; i++) {
            consumer(connection.createSession(), queue).setMessageListener(message -> received.add(textOf(message)));
        }
        Session sending = connection.createSession(Session.SESSION_TRANSACTED);
        int warm = 20; // floors are raised by then
        int batches = 40;
        for (int i = 0; i < warm + batches; i++) {
            if (i == warm) {
                startCounting();
            }
            batch(sending, received, MESSAGES);
        }
        long tenths = (System.nanoTime() - began) / 100_000_000;
        assertThat((long) everywhere.get()).isLessThan(batches / 4 + 2 * tenths);
    }

    private void batch(Session sending, BlockingQueue<String> received, int messages) throws Exception {
        for (int k = 0; k < messages; k++) {
            sendIn(sending, queue, "m" + k);
        }
        sending.commit();
        Set<String> got = new HashSet<>();
        for (int k = 0; k < messages; k++) {
            got.add(received.poll(SOON, TimeUnit.MILLISECONDS));
        }
        assertThat(got).hasSize(messages).doesNotContainNull();
    }

    /** As many at once as nobody is told of one by one, of all priorities: nothing is overlooked. */
    @Test
    void nothingIsLeftOfManyOfAllPriorities() throws Exception {
        Connection connection = connect(factory);
        Set<String> received = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 4; i++) {
            consumer(connection.createSession(), queue).setMessageListener(message -> received.add(textOf(message)));
        }
        Session sending = connection.createSession(Session.SESSION_TRANSACTED);
        for (int k = 0;
                k < 1_500;
                k++) { // floors are raised by then, and those of the usual priority are a range of their own
            sendIn(sending, queue, "before" + k);
        }
        sending.commit();
        await().until(() -> received.size() == 1_500);
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "'") >= 1);
        breakPoll();
        MessageProducer producer = sending.createProducer(sending.createQueue(queue));
        Random random = new Random(2);
        List<String> sent = new ArrayList<>();
        for (int batch = 0; batch < 30; batch++) {
            boolean urgent = batch % 3 == 0; // then nothing is where the others were
            for (int k = random.nextInt(150); k >= 0; k--) {
                sent.add("m" + batch + "-" + k);
                producer.setPriority(
                        urgent ? 9 : random.nextInt(3) == 0 ? random.nextInt(10) : Message.DEFAULT_PRIORITY);
                producer.send(sending.createTextMessage(sent.get(sent.size() - 1)));
            }
            sending.commit();
            if (urgent) {
                await().atMost(Duration.ofMillis(SOON))
                        .untilAsserted(() -> assertThat(received).containsAll(sent));
            }
        }
        await().atMost(Duration.ofMillis(SOON))
                .untilAsserted(() -> assertThat(received).containsAll(sent));
    }

    /** Each is sent when the one before is received and, if there are threads, all of those wait again. */
    private void oneByOne(Connection connection, BlockingQueue<String> received, List<Thread> threads)
            throws Exception {
        Session session = connection.createSession();
        int warm = 20;
        for (int i = 0; i < warm + MESSAGES; i++) {
            if (i == warm) {
                startCounting();
            }
            sendIn(session, queue, "m" + i);
            assertThat(received.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("m" + i);
            while (threads.stream().anyMatch(thread -> thread.getState() != Thread.State.TIMED_WAITING)) {
                LockSupport.parkNanos(100_000);
            }
        }
    }

    /**
     * Consumers of all kinds that come and go, roll back and stop, and producers of which nobody knows when they send: whatever is
     * there when it gets quiet is taken, by wake-ups alone.
     */
    @Test
    void nobodyIsLeftWaiting() throws Exception {
        Connection connection = connect(factory);
        Set<String> received = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            consumer(connection.createSession(), queue).setMessageListener(message -> received.add(textOf(message)));
            MessageConsumer receiving = consumer(connection.createSession(), queue);
            threads.add(start(() -> {
                while (!over.get()) {
                    Message message = receiving.receive(3 * SOON);
                    if (message != null) {
                        received.add(textOf(message));
                    }
                }
            }));
            Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer committing = consumer(transacted, queue);
            Random random = new Random(i);
            threads.add(start(() -> {
                while (!over.get()) {
                    Message message = committing.receive(3 * SOON);
                    if (message != null && !message.getJMSRedelivered() && random.nextInt(4) == 0) {
                        transacted.rollback();
                    } else if (message != null) {
                        transacted.commit();
                        received.add(textOf(message));
                    }
                }
            }));
            threads.add(start(() -> restless(received, over, random)));
        }
        await().until(() -> number("SELECT count(*) FROM mq_waiters WHERE channel_name = '" + queue + "'") >= 1);
        breakPoll();
        List<String> sent = IntStream.range(0, 3_000).mapToObj(i -> "m" + i).toList();
        Thread[] producers = new Thread[2];
        for (int p = 0; p < producers.length; p++) {
            int own = p;
            producers[p] = start(() -> {
                Random random = new Random(100 + own);
                Session session = connection.createSession(random.nextBoolean(), Session.AUTO_ACKNOWLEDGE);
                for (int i = own; i < sent.size(); i += producers.length) {
                    sendIn(session, queue, sent.get(i));
                    if (session.getTransacted() && random.nextInt(3) == 0) {
                        session.commit();
                    }
                    LockSupport.parkNanos(random.nextInt(300_000));
                }
                if (session.getTransacted()) {
                    session.commit();
                }
            });
        }
        for (Thread producer : producers) {
            producer.join();
        }
        await().atMost(Duration.ofMillis(SOON))
                .untilAsserted(() -> assertThat(received).containsAll(sent));
        over.set(true);
        connection.close(); // ends the waits
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Comes, takes what is there or not, and is gone, with its connection stopped before. */
    private void restless(Set<String> received, AtomicBoolean over, Random random) throws JMSException {
        while (!over.get()) {
            try (Connection connection = factory.createConnection();
                    Session session = connection.createSession();
                    MessageConsumer consumer = consumer(session, queue)) {
                connection.start();
                for (int i = random.nextInt(20); i > 0; i--) {
                    Message message = random.nextBoolean() ? consumer.receiveNoWait() : consumer.receive(5);
                    if (message != null) {
                        received.add(textOf(message));
                    }
                }
                connection.stop();
            }
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Thread start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static String textOf(Message message) {
        try {
            return text(message);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
