package io.sqlmq.jms;

/** What the first connection of a factory does about the tables of sqlmq. */
public enum SchemaManagement {
    /** Creates or upgrades them; the role needs CREATE on the schema, the class path the artifact sqlmq-migrate. */
    MIGRATE,
    /** Checks that they fit, and fails with the command to run if they do not. */
    VALIDATE,
    /** Nothing, for somebody else has checked; but a schema whose functions work on another schema is refused. */
    NONE
}
