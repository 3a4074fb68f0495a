/** An order application: web, JPA and messages. */
@NullMarked
package io.sqlmq.example.boot;

import org.jspecify.annotations.NullMarked;
