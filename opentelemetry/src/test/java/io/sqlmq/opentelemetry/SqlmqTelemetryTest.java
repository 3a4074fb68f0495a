package io.sqlmq.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.sqlmq.embedded.JdbcUrl;
import io.sqlmq.embedded.SqlmqTest;
import io.sqlmq.jms.SqlmqConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@SqlmqTest
@Timeout(60)
class SqlmqTelemetryTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final AtomicInteger NAMES = new AtomicInteger();

    @RegisterExtension
    static final OpenTelemetryExtension OTEL = OpenTelemetryExtension.create();

    @JdbcUrl
    String url;

    private final String name = "orders-" + NAMES.incrementAndGet();
    private final SqlmqTelemetry telemetry = SqlmqTelemetry.create(OTEL.getOpenTelemetry());
    private final Tracer tracer = OTEL.getOpenTelemetry().getTracer("test");
    private SqlmqConnectionFactory factory;
    private Connection connection;
    private Session session;
    private Queue queue;

    @BeforeEach
    void traces() throws JMSException {
        factory = new SqlmqConnectionFactory(url);
        telemetry.trace(factory);
        connection = factory.createConnection();
        connection.start();
        session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        queue = session.createQueue(name);
    }

    @AfterEach
    void closes() {
        factory.close();
    }

    private static SpanData span(String named) {
        await().atMost(LONG)
                .until(() -> OTEL.getSpans().stream().anyMatch(s -> s.getName().equals(named)));
        return OTEL.getSpans().stream()
                .filter(s -> s.getName().equals(named))
                .findFirst()
                .orElseThrow();
    }

    private Message receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(30_000);
        assertThat(message).isNotNull();
        return message;
    }

    private void send(String text) throws JMSException {
        session.createProducer(queue).send(session.createTextMessage(text));
    }

    @Test
    void oneTraceGoesFromARequestOverSendAndListenerToItsSql() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        transacted.createConsumer(queue).setMessageListener(message -> {
            Span sql =
                    tracer.spanBuilder("SELECT 1").setSpanKind(SpanKind.CLIENT).startSpan();
            try (Statement statement =
                    factory.transactionDataSource().getConnection().createStatement()) {
                statement.execute("SELECT 1");
                transacted.commit();
            } catch (SQLException | JMSException e) {
                sql.recordException(e).setStatus(StatusCode.ERROR);
            } finally {
                sql.end();
                heard.countDown();
            }
        });
        Span request =
                tracer.spanBuilder("POST /orders").setSpanKind(SpanKind.SERVER).startSpan();
        TextMessage message = session.createTextMessage("1");
        message.setJMSCorrelationID("order 1");
        try (Scope scope = request.makeCurrent()) {
            session.createProducer(queue).send(message);
        } finally {
            request.end();
        }
        assertThat(heard.await(30, TimeUnit.SECONDS)).isTrue();
        SpanData sent = span("send " + name);
        SpanData worked = span("process " + name);
        SpanData sql = span("SELECT 1");
        assertThat(sent.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(sent.getParentSpanId()).isEqualTo(request.getSpanContext().getSpanId());
        assertThat(worked.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(worked.getParentSpanId()).isEqualTo(sent.getSpanId());
        assertThat(sql.getParentSpanId()).isEqualTo(worked.getSpanId());
        assertThat(sql.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(List.of(sent, worked, sql))
                .allMatch(s -> s.getTraceId().equals(request.getSpanContext().getTraceId()));
        for (SpanData each : List.of(sent, worked)) {
            assertThat(each.getAttributes().asMap())
                    .containsEntry(SpanAttribute.SYSTEM, "sqlmq")
                    .containsEntry(SpanAttribute.DESTINATION, name)
                    .containsEntry(SpanAttribute.MESSAGE_ID, message.getJMSMessageID())
                    .containsEntry(SpanAttribute.CONVERSATION_ID, "order 1")
                    .containsEntry(SpanAttribute.OPERATION_TYPE, each == sent ? "send" : "process");
        }
        assertThat(OTEL.getSpans()).hasSize(4);
    }

    @Test
    void whatIsReceivedIsLinkedAndItsTraceCanGoOn() throws Exception {
        send("1");
        Message message = receive(session.createConsumer(queue));
        SpanData sent = span("send " + name);
        SpanData received = span("receive " + name);
        assertThat(received.getKind()).isEqualTo(SpanKind.CLIENT);
        assertThat(received.getParentSpanId()).isEqualTo(SpanId.getInvalid());
        assertThat(received.getLinks())
                .extracting(LinkData::getSpanContext)
                .extracting(c -> c.getSpanId())
                .containsExactly(sent.getSpanId());
        assertThat(telemetry.<String>process(
                        message, () -> Span.current().getSpanContext().getTraceId()))
                .isEqualTo(sent.getTraceId());
        assertThat(span("process " + name).getParentSpanId()).isEqualTo(sent.getSpanId());
        assertThatThrownBy(() -> telemetry.process(List.of(message), () -> {
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(IllegalStateException.class);
        SpanData failed = OTEL.getSpans().get(OTEL.getSpans().size() - 1);
        assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(failed.getAttributes().get(SpanAttribute.ERROR_TYPE)).isEqualTo("java.lang.IllegalStateException");
    }

    @Test
    void whatIsWorkedOnTogetherIsLinkedToEachThatSentIt() throws Exception {
        send("1");
        send("2");
        MessageConsumer consumer = session.createConsumer(queue);
        List<Message> both = List.of(receive(consumer), receive(consumer));
        Span current = tracer.spanBuilder("batch").startSpan();
        try (Scope scope = current.makeCurrent()) {
            assertThat(telemetry.<Integer>process(both, both::size)).isEqualTo(2);
        } finally {
            current.end();
        }
        SpanData worked = span("process " + name);
        assertThat(worked.getParentSpanId()).isEqualTo(current.getSpanContext().getSpanId());
        assertThat(worked.getLinks()).hasSize(2);
        assertThat(worked.getAttributes().get(SpanAttribute.BATCH_COUNT)).isEqualTo(2);
    }

    @Test
    void sqlProgramsTakePart() throws Exception {
        String trace = "0af7651916cd43dd8448eb211c80319c";
        try (java.sql.Connection sql = DriverManager.getConnection(url);
                Statement statement = sql.createStatement()) {
            statement.execute("SELECT mq_send('" + name + "', 'text', p_properties => '{\"traceparent\": \"00-" + trace
                    + "-b7ad6b7169203331-01\"}')");
        }
        CountDownLatch heard = new CountDownLatch(1);
        session.createConsumer(queue).setMessageListener(message -> heard.countDown());
        assertThat(heard.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(span("process " + name).getTraceId()).isEqualTo(trace);
    }

    @Test
    void whatIsPassedOnCarriesTheSpanThatPassesItOn() throws Exception {
        send("1");
        Message message = receive(session.createConsumer(queue));
        Queue next = session.createQueue(name + "-next");
        session.createProducer(next).send(message);
        SpanData passed = span("send " + name + "-next");
        Message again = receive(session.createConsumer(next));
        assertThat(again.getStringProperty("traceparent")).contains(passed.getSpanId());
    }

    @Test
    void sendsThatFailOrEndLaterAreToldToo() throws Exception {
        CountDownLatch completed = new CountDownLatch(1);
        session.createProducer(queue).send(session.createTextMessage("1"), new jakarta.jms.CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.countDown();
            }

            @Override
            public void onException(Message message, Exception exception) {}
        });
        assertThat(completed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(span("send " + name).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        var temporary = session.createTemporaryQueue();
        temporary.delete();
        assertThatThrownBy(() -> session.createProducer(null).send(temporary, session.createTextMessage("2")))
                .isInstanceOf(JMSException.class);
        assertThat(OTEL.getSpans()).hasSize(1); // it was refused before anything was sent
        Message large = session.createTextMessage("x".repeat(1000));
        try (SqlmqConnectionFactory small = new SqlmqConnectionFactory(url + "&sqlmq.maxMessageSize=100")) {
            telemetry.trace(small);
            try (var context = small.createContext()) {
                assertThatThrownBy(() -> context.createProducer().send(queue, large))
                        .isInstanceOf(jakarta.jms.JMSRuntimeException.class);
            }
        }
        assertThat(OTEL.getSpans().get(1).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void withoutAnSdkNothingChanges() throws Exception {
        try (SqlmqConnectionFactory untold = new SqlmqConnectionFactory(url)) {
            SqlmqTelemetry.create(OpenTelemetry.noop()).trace(untold);
            try (var context = untold.createContext()) {
                context.createProducer().send(queue, "1");
                Message message = context.createConsumer(queue).receive(30_000);
                assertThat(message.propertyExists("traceparent")).isFalse();
            }
        }
    }

    @Test
    void spansNameTheServer() throws Exception {
        send("where");
        receive(session.createConsumer(queue));
        for (String operation : List.of("send ", "receive ")) {
            assertThat(span(operation + name).getAttributes().get(SpanAttribute.SERVER_ADDRESS))
                    .isEqualTo(Server.of(url).address())
                    .isNotBlank();
            assertThat(span(operation + name).getAttributes().get(SpanAttribute.SERVER_PORT))
                    .isEqualTo(Server.of(url).port());
        }
    }

    @Test
    void ofSeveralHostsNobodyKnowsWhichItIs() {
        assertThat(Server.of("jdbc:postgresql://db.example/shop?user=a")).isEqualTo(new Server("db.example", 5432));
        assertThat(Server.of("jdbc:postgresql://[::1]:5433/shop")).isEqualTo(new Server("::1", 5433));
        assertThat(Server.of("jdbc:postgresql://a:1,b:2/shop")).isEqualTo(Server.UNKNOWN);
        assertThat(Server.of("jdbc:postgresql:shop")).isEqualTo(Server.UNKNOWN);
        assertThat(Server.of(null)).isEqualTo(Server.UNKNOWN);
    }
}
