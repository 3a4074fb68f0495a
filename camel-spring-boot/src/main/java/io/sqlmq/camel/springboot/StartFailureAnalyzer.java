package io.sqlmq.camel.springboot;

import io.sqlmq.camel.SqlmqStartException;
import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in words why the component or one of its routes cannot start, and what helps. */
final class StartFailureAnalyzer extends AbstractFailureAnalyzer<SqlmqStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SqlmqStartException cause) {
        return new FailureAnalysis(cause.getProblem(), action(cause), cause);
    }

    private static String action(SqlmqStartException failure) {
        if (!failure.getRemedy().isEmpty()) {
            return failure.getRemedy() + ".";
        }
        return switch (code(failure.getCause())) {
            case "MISSING", "OUTDATED" ->
                "Set camel.component.sqlmq.schema-management=migrate, which needs the artifact sqlmq-migrate, so that the"
                        + " application creates and upgrades them when it starts; or let a role that may do so do it beforehand."
                        + " If they are in another schema, set camel.component.sqlmq.schema.";
            default ->
                "See the description. The options of the component are camel.component.sqlmq.*, those of an endpoint are in"
                        + " its URI; without camel.component.sqlmq.jdbc-url the database is that of the DataSource.";
        };
    }

    private static String code(@Nullable Throwable cause) {
        return cause instanceof JMSException jms && jms.getErrorCode() != null ? jms.getErrorCode() : "";
    }
}
