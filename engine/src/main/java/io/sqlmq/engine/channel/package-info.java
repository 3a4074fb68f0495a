/**
 * Channels and who waits on them: what is known of their messages (cursors, floors), wake-ups within and between processes,
 * exclusive consumers. Over jdbc.
 */
@NullMarked
package io.sqlmq.engine.channel;

import org.jspecify.annotations.NullMarked;
