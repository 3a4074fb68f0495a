/** The JORAM/ObjectWeb conformance suite, run on the provider under test. */
@NullMarked
package io.sqlmq.tck.joram;

import org.jspecify.annotations.NullMarked;
