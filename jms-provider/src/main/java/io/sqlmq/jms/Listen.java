package io.sqlmq.jms;

/** Whether waiting consumers are woken by LISTEN and NOTIFY. Without it they poll. */
public enum Listen {
    /** On, unless {@code pgBouncer} is set or notifications are seen not to arrive. */
    AUTO,
    /** On, also behind PgBouncer (in session mode). */
    ON,
    /** Off. */
    OFF
}
