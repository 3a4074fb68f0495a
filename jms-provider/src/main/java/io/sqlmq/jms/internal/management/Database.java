package io.sqlmq.jms.internal.management;

import io.sqlmq.jms.internal.factory.AdminCalls;
import jakarta.jms.JMSException;

/** The way to the database, which connects when it is first needed. */
@FunctionalInterface
public interface Database {
    /** The administration's calls. */
    AdminCalls calls() throws JMSException;
}
