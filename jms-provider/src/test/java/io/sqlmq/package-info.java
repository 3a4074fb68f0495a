/** Tests over all packages of the provider. */
@NullMarked
package io.sqlmq;

import org.jspecify.annotations.NullMarked;
