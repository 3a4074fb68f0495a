package io.sqlmq.engine.send;

/**
 * What this room has for transactions of every kind.
 *
 * @param writer of messages
 * @param outcomes of commits whose connection broke
 */
public record SendParts(MessageWriter writer, CommitOutcomeResolver outcomes) {}
