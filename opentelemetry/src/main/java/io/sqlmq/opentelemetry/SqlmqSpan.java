package io.sqlmq.opentelemetry;

import io.opentelemetry.api.trace.SpanKind;

/** The table of spans: docs/observing.md is written from it. The names are those of OpenTelemetry's conventions for messaging. */
enum SqlmqSpan {
    SEND(
            "send",
            SpanKind.PRODUCER,
            "A call of `send`, where in a transacted session the message is written with the commit; or a job that is spawned"),
    RECEIVE(
            "receive",
            SpanKind.CLIENT,
            "A call of `receive` that got a message, from when it was looked for; linked to the span that sent it"),
    PROCESS(
            "process",
            SpanKind.CONSUMER,
            "A message listener, an attempt at a job, or what `SqlmqTelemetry.process` runs; a child of the span that sent the message, or, where there is a"
                    + " span already or there are several messages, linked to it");

    private final String operation;
    private final SpanKind kind;
    private final String description;

    SqlmqSpan(String operation, SpanKind kind, String description) {
        this.operation = operation;
        this.kind = kind;
        this.description = description;
    }

    String operation() {
        return operation;
    }

    SpanKind kind() {
        return kind;
    }

    String description() {
        return description;
    }
}
