@NullMarked
package io.sqlmq.quickstart;

import org.jspecify.annotations.NullMarked;
