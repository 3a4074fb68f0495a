package io.sqlmq.engine.model;

import java.sql.SQLException;

/** A subscription cannot be had, or not be deleted, as it is. */
public final class SubscriptionRefusedException extends SQLException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** It has a consumer. */
        ACTIVE,
        /** It is shared and was asked for as unshared, or the other way round. */
        SHARING,
        /** It has consumers and is for another topic or selector. */
        DIFFERS,
        /** There is none of that name. */
        UNKNOWN
    }

    private final Reason reason;

    public SubscriptionRefusedException(Reason reason, String name) {
        super("The subscription '" + name + "' is refused: " + reason);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
