/** Routes on sqlmq with Apache Camel: the program of examples/camel. */
@NullMarked
package io.sqlmq.example.camel;

import org.jspecify.annotations.NullMarked;
