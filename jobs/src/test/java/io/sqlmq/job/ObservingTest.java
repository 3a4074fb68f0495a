package io.sqlmq.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.sqlmq.jms.SqlmqConnectionFactory;
import io.sqlmq.micrometer.SqlmqMetrics;
import io.sqlmq.opentelemetry.SqlmqTelemetry;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Spans and metrics for jobs as for messages. */
class ObservingTest extends JobsTestCase {

    @RegisterExtension
    final OpenTelemetryExtension otel = OpenTelemetryExtension.create();

    private SqlmqConnectionFactory factory;
    private Jobs traced;

    @BeforeEach
    void traces() {
        factory = closing(new SqlmqConnectionFactory(url));
        SqlmqTelemetry.create(otel.getOpenTelemetry()).trace(factory);
        traced = Jobs.on(factory, registry);
    }

    /** As soon as there are so many, of a kind and a job's name. */
    private List<SpanData> spans(String kind, String job, int count) {
        eventually(() -> spans(kind, job).size() == count);
        return spans(kind, job);
    }

    private List<SpanData> spans(String kind, String job) {
        return otel.getSpans().stream()
                .filter(span -> span.getName().equals(kind + " jobs")
                        && job.equals(span.getAttributes().get(AttributeKey.stringKey("messaging.sqlmq.message.type"))))
                .toList();
    }

    @Test
    void aTraceGoesFromTheSpawnOverTheRunToWhatThatSpawns() throws Exception {
        registry.handler("first", job -> job.jobs().job("second").rawJson("2").spawn());
        registry.handler(
                "second",
                job -> seen.add(job.rawJson() + Span.current().getSpanContext().getTraceId()));
        Span request =
                otel.getOpenTelemetry().getTracer("test").spanBuilder("request").startSpan();
        JobId id;
        try (Scope scope = request.makeCurrent()) {
            id = traced.job("first").rawJson("{}").bytes(new byte[] {1}).spawn();
        } finally {
            request.end();
        }
        closing(traced.runner().start());
        String trace = request.getSpanContext().getTraceId();
        eventually(() -> seen.equals(List.of("2" + trace)));
        SpanData sent = spans("send", "first", 1).get(0);
        SpanData done = spans("process", "first", 1).get(0);
        SpanData next = spans("send", "second", 1).get(0);
        SpanData last = spans("process", "second", 1).get(0);
        assertThat(List.of(sent, done, next, last))
                .extracting(SpanData::getTraceId)
                .containsOnly(trace);
        assertThat(sent.getParentSpanId()).isEqualTo(request.getSpanContext().getSpanId());
        assertThat(done.getParentSpanId()).isEqualTo(sent.getSpanId());
        assertThat(next.getParentSpanId()).isEqualTo(done.getSpanId());
        assertThat(last.getParentSpanId()).isEqualTo(next.getSpanId());
        assertThat(sent.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(done.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(done.getAttributes().get(AttributeKey.stringKey("messaging.message.id")))
                .isEqualTo("ID:" + id);
    }

    @Test
    void eachAttemptIsASpanAndOneThatFailsSaysWhy() throws Exception {
        registry.handler(JobOptions.named("flaky").backoff(Duration.ofMillis(50)), job -> {
            if (job.attempt() == 1) {
                throw new IllegalStateException("not yet");
            }
        });
        traced.job("flaky").spawn();
        closing(traced.runner().start());
        List<SpanData> attempts = spans("process", "flaky", 2);
        assertThat(attempts)
                .extracting(SpanData::getStatus)
                .extracting(StatusData::getStatusCode)
                .containsExactly(StatusCode.ERROR, StatusCode.UNSET);
        assertThat(attempts.get(0).getEvents().toString()).contains("not yet");
    }

    @Test
    void jobsInTransactionsOfConnectionsAndManyAtOnceCarryTheirTraces() throws Exception {
        registry.handler("many", job -> seen.add(job.id()));
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            traced.spawnAll(
                    connection, List.of(traced.job("many"), traced.job("many").ordered(true)));
            connection.commit();
        }
        closing(traced.runner().start());
        List<SpanData> sent = spans("send", "many", 2);
        assertThat(spans("process", "many", 2))
                .extracting(SpanData::getParentSpanId)
                .containsExactlyInAnyOrderElementsOf(
                        sent.stream().map(SpanData::getSpanId).toList());
    }

    @Test
    void jobsAreCountedAsMessages() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        new SqlmqMetrics(factory).bindTo(metrics);
        registry.handler(JobOptions.named("counted").retries(0), job -> {
            if (job.rawJson() == null) {
                throw new IllegalStateException("nothing to do");
            }
        });
        traced.job("counted").rawJson("1").spawn();
        traced.job("counted").spawn();
        closing(traced.runner().start());
        for (String counter : List.of("acknowledged", "dead.lettered", "rolled.back")) {
            eventually(() -> metrics.get("sqlmq.messages." + counter)
                            .tags("destination", "jobs")
                            .counter()
                            .count()
                    == 1);
        }
        assertThat(metrics.get("sqlmq.messages.sent")
                        .tags("destination", "jobs")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(metrics.get("sqlmq.message.processing")
                        .tags("destination", "jobs", "outcome", "acknowledged")
                        .timer()
                        .count())
                .isEqualTo(1);
    }
}
