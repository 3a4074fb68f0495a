/** Connections, sessions, producers, consumers and acknowledge modes: the rules and threads of Jakarta Messaging. */
@NullMarked
package io.sqlmq.jms.internal;

import org.jspecify.annotations.NullMarked;
