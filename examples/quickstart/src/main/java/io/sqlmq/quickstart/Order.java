package io.sqlmq.quickstart;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One line of the input. What a JSON document leaves out is null. */
record Order(
        @Nullable String reference,
        @Nullable String customer,
        @Nullable List<Item> items) {

    record Item(@Nullable String sku, int quantity) {}
}
