/** The provider under test, as the suite sees it. */
@NullMarked
package io.sqlmq.tck.provider;

import org.jspecify.annotations.NullMarked;
