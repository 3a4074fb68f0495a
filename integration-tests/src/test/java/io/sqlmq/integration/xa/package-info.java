/** Global transactions of sqlmq: with a transaction manager, in the database, and through deaths. */
@NullMarked
package io.sqlmq.integration.xa;

import org.jspecify.annotations.NullMarked;
