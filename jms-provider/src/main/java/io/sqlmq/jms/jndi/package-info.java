/** Connection factories and destinations in naming services (JNDI). Over the public API only. */
@NullMarked
package io.sqlmq.jms.jndi;

import org.jspecify.annotations.NullMarked;
