/** What projects get that depend on the artifacts of sqlmq. */
@NullMarked
package io.sqlmq.consumers;

import org.jspecify.annotations.NullMarked;
