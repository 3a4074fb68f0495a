package io.sqlmq.jms.jndi;

import java.util.function.Supplier;

/**
 * What a name stands for.
 *
 * @param type the class of the object
 * @param maker makes the object when it is looked up; throws IllegalArgumentException when the configuration is wrong
 */
record Entry(Class<?> type, Supplier<Object> maker) {}
