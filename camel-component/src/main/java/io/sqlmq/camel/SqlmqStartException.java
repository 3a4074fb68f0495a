package io.sqlmq.camel;

import org.jspecify.annotations.Nullable;

/** A route or the component cannot start, and will not before something is changed. The message says what to change. */
public class SqlmqStartException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String problem;
    private final String remedy;

    SqlmqStartException(String problem, String remedy, @Nullable Throwable cause) {
        super(remedy.isEmpty() ? problem : problem + " " + remedy, cause);
        this.problem = problem;
        this.remedy = remedy;
    }

    SqlmqStartException(String problem, String remedy) {
        this(problem, remedy, null);
    }

    /** What is wrong. */
    public String getProblem() {
        return problem;
    }

    /** What to change; empty where the text of the problem says it. */
    public String getRemedy() {
        return remedy;
    }
}
