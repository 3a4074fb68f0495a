/** The message types of Jakarta Messaging, their headers, properties and conversions: no SQL, no threads. */
@NullMarked
package io.sqlmq.message;

import org.jspecify.annotations.NullMarked;
