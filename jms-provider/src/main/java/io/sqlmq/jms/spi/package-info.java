/** What other modules implement for the provider; found by {@link java.util.ServiceLoader}. */
@NullMarked
package io.sqlmq.jms.spi;

import org.jspecify.annotations.NullMarked;
