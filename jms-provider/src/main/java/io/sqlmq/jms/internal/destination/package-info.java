/** Destinations as applications give them: their names, those of other providers, and the temporary ones. */
@NullMarked
package io.sqlmq.jms.internal.destination;

import org.jspecify.annotations.NullMarked;
