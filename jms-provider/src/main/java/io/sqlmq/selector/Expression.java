package io.sqlmq.selector;

/** A node of a selector's tree. */
sealed interface Expression permits Condition, Operand {}
