/**
 * The builder of {@code sqlmq:} endpoints for routes that name endpoints and their options by methods. It needs Camel's artifact
 * {@code camel-endpointdsl}.
 */
@NullMarked
package io.sqlmq.camel.dsl;

import org.jspecify.annotations.NullMarked;
