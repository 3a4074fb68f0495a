/** What the engine promises beyond the specification: redelivery, leases, dead letters, administration, idle cost. */
@NullMarked
package io.sqlmq.integration.engine;

import org.jspecify.annotations.NullMarked;
