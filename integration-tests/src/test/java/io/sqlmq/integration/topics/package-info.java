/** What topics and subscriptions are in the database, and over processes. */
@NullMarked
package io.sqlmq.integration.topics;

import org.jspecify.annotations.NullMarked;
