package io.sqlmq.cli;

/** What ends a command, in words for a terminal and with its exit code. */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** It could not be done, was refused, or found something that is not as it should be. */
    static final int FAILED = 1;

    /** As picocli has it. */
    static final int WRONG_ARGUMENTS = 2;

    static final int NOT_REACHED = 3;

    private final int exitCode;

    private Problem(int exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    private Problem(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static Problem failed(String message) {
        return new Problem(FAILED, message);
    }

    static Problem failed(String message, Throwable cause) {
        return new Problem(FAILED, message, cause);
    }

    static Problem wrongArguments(String message) {
        return new Problem(WRONG_ARGUMENTS, message);
    }

    static Problem notReached(String message, Throwable cause) {
        return new Problem(NOT_REACHED, message, cause);
    }

    int exitCode() {
        return exitCode;
    }
}
