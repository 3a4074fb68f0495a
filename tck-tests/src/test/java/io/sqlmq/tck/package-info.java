/** Conformance tests: one class per area of Jakarta Messaging 3.1, run on any provider. */
@NullMarked
package io.sqlmq.tck;

import org.jspecify.annotations.NullMarked;
