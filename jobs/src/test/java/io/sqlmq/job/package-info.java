@NullMarked
package io.sqlmq.job;

import org.jspecify.annotations.NullMarked;
