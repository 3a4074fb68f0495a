/** Message selectors: grammar, tree, SQL predicate and in-memory test. */
@NullMarked
package io.sqlmq.selector;

import org.jspecify.annotations.NullMarked;
