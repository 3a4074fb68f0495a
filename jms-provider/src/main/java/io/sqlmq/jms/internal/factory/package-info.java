/** What a connection factory is made of: engines over pools, what its connections share, and its end. */
@NullMarked
package io.sqlmq.jms.internal.factory;

import org.jspecify.annotations.NullMarked;
