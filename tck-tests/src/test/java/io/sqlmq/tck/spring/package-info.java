/** Spring and connection pools over the provider under test. */
@NullMarked
package io.sqlmq.tck.spring;

import org.jspecify.annotations.NullMarked;
