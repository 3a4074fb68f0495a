/** Groups of messages (JMSXGroupID, §3.5.9): strictly in order, one at a time, whoever consumes and whatever fails. */
@NullMarked
package io.sqlmq.integration.groups;

import org.jspecify.annotations.NullMarked;
