/** The public API of sqlmq: connection factories, destinations, options, redelivery policy, access to transactions. */
@NullMarked
package io.sqlmq.jms;

import org.jspecify.annotations.NullMarked;
