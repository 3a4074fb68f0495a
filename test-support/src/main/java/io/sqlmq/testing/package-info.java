/** What the tests of several modules have in common. */
@NullMarked
package io.sqlmq.testing;

import org.jspecify.annotations.NullMarked;
