/**
 * What acknowledging and sending mean: a {@link io.sqlmq.jms.internal.mode.SessionMode} for each acknowledge mode, and for work in
 * a transaction of the application. They drive the windows of the engine.
 */
@NullMarked
package io.sqlmq.jms.internal.mode;

import org.jspecify.annotations.NullMarked;
