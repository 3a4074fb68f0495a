package io.sqlmq.boot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in words why sqlmq cannot start, and which property helps. */
final class SqlmqFailureAnalyzer extends AbstractFailureAnalyzer<SqlmqStartException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SqlmqStartException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
