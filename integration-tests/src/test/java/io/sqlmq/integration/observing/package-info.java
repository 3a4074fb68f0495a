/** What operators see: events, MBeans, the log. */
@NullMarked
package io.sqlmq.integration.observing;

import org.jspecify.annotations.NullMarked;
