/** What the engine does by itself, at its times. Over all others but xa. */
@NullMarked
package io.sqlmq.engine.upkeep;

import org.jspecify.annotations.NullMarked;
