/** What connections are told by the options of their factory, worked out once for all of them. */
@NullMarked
package io.sqlmq.jms.internal.settings;

import org.jspecify.annotations.NullMarked;
