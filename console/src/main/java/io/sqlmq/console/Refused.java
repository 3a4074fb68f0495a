package io.sqlmq.console;

/** What ends a request, with its status and in words for whoever asked. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    private Refused(int status, String message) {
        super(message);
        this.status = status;
    }

    static Refused badRequest(String message) {
        return new Refused(400, message);
    }

    static Refused notLoggedIn() {
        return new Refused(401, "Log in first.");
    }

    static Refused forbidden(String message) {
        return new Refused(403, message);
    }

    static Refused notFound(String message) {
        return new Refused(404, message);
    }

    static Refused notAllowed(String message) {
        return new Refused(405, message);
    }

    static Refused busy(String message) {
        return new Refused(503, message);
    }

    int status() {
        return status;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
