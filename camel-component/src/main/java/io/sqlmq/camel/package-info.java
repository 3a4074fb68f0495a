/**
 * The Apache Camel component {@code sqlmq}: queues and topics of Jakarta Messaging in a PostgreSQL database, with all that
 * Camel's JMS component can do, and in one transaction with the SQL of a route.
 */
@NullMarked
package io.sqlmq.camel;

import org.jspecify.annotations.NullMarked;
