/** What topics and subscriptions are in the database, and over processes. */
@NullMarked
package io.sqlmq.tck.topics;

import org.jspecify.annotations.NullMarked;
