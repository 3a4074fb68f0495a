package io.sqlmq.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.sqlmq.boot.orders.Orders;
import io.sqlmq.jms.DatabaseReach;
import io.sqlmq.jms.DeadLetter;
import io.sqlmq.jms.SqlmqAdmin;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;

/** An application with JPA and a listener, and Hikari's pool of ten, at its first start. */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
class OrdersTest {
    private static String url;
    private static ConfigurableApplicationContext app;
    private static JmsTemplate jms;

    @BeforeAll
    static void start() {
        url = Databases.createEmpty();
        Databases.execute(
                url,
                "CREATE TABLE parcels (content varchar(255) PRIMARY KEY);"
                        + "CREATE TABLE labels (content text PRIMARY KEY, writer text);"
                        + "CREATE TABLE packed (content text, writer text); CREATE TABLE placed (content text)");
        app = App.start(
                Orders.class,
                App.url(url),
                "spring.jpa.hibernate.ddl-auto=validate",
                "sqlmq.initial-redelivery-delay=10ms",
                "sqlmq.redelivery-delay=10ms",
                "sqlmq.maximum-redeliveries=2");
        jms = app.getBean(JmsTemplate.class);
        jms.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
    }

    @AfterEach
    void empty() throws JMSException {
        SqlmqAdmin admin = app.getBean(SqlmqConnectionFactory.class).admin();
        admin.purge("packed");
        admin.purge("DLQ");
        Databases.execute(url, "TRUNCATE parcels, labels, packed, placed");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    private List<String> rows(String sql) {
        return Databases.query(url, sql);
    }

    /** Should one be missing, what is left of the messages, and who might have it locked, tells why. */
    private void awaitParcels(int number) {
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> rows("SELECT content FROM parcels").size() == number);
        } catch (ConditionTimeoutException e) {
            List<String> left =
                    rows("SELECT m::text || ': ' || mq_why(m.id) FROM mq_messages m WHERE m.queue <> 'packed'");
            List<String> sessions = rows("SELECT concat_ws(' ', pid, state, xact_start, wait_event, query)"
                    + " FROM pg_stat_activity WHERE datname = current_database()");
            throw new AssertionError(String.join("\n", left) + "\n\n" + String.join("\n", sessions), e);
        }
    }

    @Test
    void twoHundredOrdersArePackedInOneTransactionEach() {
        List<String> orders = IntStream.range(100, 300)
                .mapToObj(i -> (i % 10 == 0 ? "once" : "order") + i)
                .sorted()
                .toList();
        orders.forEach(order -> jms.convertAndSend("orders", order));
        awaitParcels(orders.size());
        assertThat(rows("SELECT content FROM labels ORDER BY content COLLATE \"C\""))
                .isEqualTo(orders);
        assertThat(rows("SELECT content FROM packed JOIN labels USING (content, writer)"))
                .hasSize(orders.size());
        assertThat(rows("SELECT queue FROM mq_messages WHERE queue = 'packed'")).hasSize(orders.size());
        assertThat(app.getBean(Orders.class).failed()).hasSize(20).allMatch(order -> order.startsWith("once"));
        assertThat(rows("SELECT queue FROM mq_messages WHERE queue <> 'packed'"))
                .isEmpty();
    }

    /** All ten connections of the pool are for listeners: what sqlmq keeps is not among them. */
    @Test
    void tenListenersWorkAtOnceOnTenConnections() throws JMSException {
        List<String> orders =
                IntStream.range(0, 10).mapToObj(i -> "together" + i).toList();
        orders.forEach(order -> jms.convertAndSend("orders", order));
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(rows("SELECT content FROM parcels")).containsExactlyInAnyOrderElementsOf(orders));
        assertThat(app.getBean(Orders.class).failed()).noneMatch(order -> order.startsWith("together"));
        assertThat(app.getBean(SqlmqConnectionFactory.class).reach())
                .isEqualTo(new DatabaseReach(DatabaseReach.Listening.ON, true, null, null));
    }

    @Test
    void whatAlwaysFailsEndsInTheDeadLetterQueueWithItsError() throws Exception {
        jms.convertAndSend("orders", "never");
        SqlmqConnectionFactory factory = app.getBean(SqlmqConnectionFactory.class);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !factory.admin().deadLetters(null, 10).isEmpty());
        DeadLetter letter = factory.admin().deadLetters("DLQ", 10).get(0);
        assertThat(letter.origin()).isEqualTo("orders");
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(letter.error()).contains("never on never");
        assertThat(rows("SELECT content FROM parcels UNION ALL SELECT content FROM labels"))
                .isEmpty();
        assertThat(jms.receive("packed")).isNull();
    }

    @Test
    void requestsAreAnsweredByMoreListenersThanThereAreConnections(CapturedOutput output) throws Exception {
        JmsTemplate asking = new JmsTemplate(app.getBean(SqlmqConnectionFactory.class));
        asking.setReceiveTimeout(60_000);
        List<String> questions = IntStream.range(0, 100).mapToObj(i -> "q" + i).toList();
        ExecutorService threads = Executors.newFixedThreadPool(20);
        try {
            List<Callable<String>> calls = questions.stream()
                    .map(question -> (Callable<String>) () ->
                            String.valueOf(asking.sendAndReceive("ask", session -> session.createTextMessage(question))
                                    .getBody(String.class)))
                    .toList();
            List<String> answers = new ArrayList<>();
            for (Future<String> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            assertThat(answers)
                    .isEqualTo(
                            questions.stream().map(question -> "re " + question).toList());
        } finally {
            threads.shutdownNow();
        }
        assertThat(rows("SELECT content FROM placed")).hasSize(questions.size());
        assertThat(output).doesNotContain("Setup of JMS message listener invoker failed");
    }

    @Test
    void whatIsSentInATransactionIsSentWithIt() {
        Orders orders = app.getBean(Orders.class);
        assertThatThrownBy(() -> orders.place("order-1", true)).hasMessage("not placed");
        orders.place("order-2", false);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(rows("SELECT content FROM parcels")).containsExactly("order-2"));
        assertThat(rows("SELECT content FROM placed")).containsExactly("order-2");
    }

    @Test
    void theTransactionManagerIsTheApplicationsAndListenersThatWaitHoldNothing() {
        assertThat(app.getBeansOfType(JpaTransactionManager.class)).containsOnlyKeys("transactionManager");
        HikariDataSource pool = app.getBean(HikariDataSource.class);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            int most = 0;
            for (int i = 0; i < 300; i++) {
                most = Math.max(most, pool.getHikariPoolMXBean().getActiveConnections());
                Thread.sleep(5);
            }
            return most <= 3;
        });
    }
}
