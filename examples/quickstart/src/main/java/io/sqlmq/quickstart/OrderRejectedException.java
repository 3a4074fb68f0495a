package io.sqlmq.quickstart;

/** The order is wrong in itself. */
final class OrderRejectedException extends Exception {
    private static final long serialVersionUID = 1;

    OrderRejectedException(String message) {
        super(message);
    }
}
