/** What connections are told by the options of their factory, worked out once for all of them. */
@NullMarked
package io.sqlmq.jms.internal.management;

import org.jspecify.annotations.NullMarked;
