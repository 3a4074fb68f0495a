/** Order processing on sqlmq: start reading at {@link io.sqlmq.quickstart.OrderProducer} and {@link io.sqlmq.quickstart.OrderListener}. */
@NullMarked
package io.sqlmq.quickstart;

import org.jspecify.annotations.NullMarked;
