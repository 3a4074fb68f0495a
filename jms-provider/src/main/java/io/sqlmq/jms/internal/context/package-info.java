/**
 * The simplified API (§6.3 ff.): contexts with their producers and consumers, over the objects of
 * {@link io.sqlmq.jms.internal.client}.
 */
@NullMarked
package io.sqlmq.jms.internal.context;

import org.jspecify.annotations.NullMarked;
