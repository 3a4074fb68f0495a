/**
 * sqlmq in Spring Boot: what Boot 3.5 and Boot 4 have in common. The starters add what is in other packages there, and bring the
 * versions.
 */
@NullMarked
package io.sqlmq.boot;

import org.jspecify.annotations.NullMarked;
