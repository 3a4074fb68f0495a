/** The objects that applications hold: connections, sessions, producers, consumers, browsers, and the threads that serve listeners. */
@NullMarked
package io.sqlmq.jms.internal.client;

import org.jspecify.annotations.NullMarked;
