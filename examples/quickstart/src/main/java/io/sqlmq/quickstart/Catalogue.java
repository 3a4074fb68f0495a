package io.sqlmq.quickstart;

import java.math.BigDecimal;
import java.util.List;

/** What the shop sells. */
final class Catalogue {

    /** A product and its price in euro. */
    record Product(String sku, String name, BigDecimal price) {}

    static final List<Product> PRODUCTS = List.of(
            product("CH-1001", "Dining chair, oak", "89.00"),
            product("CH-1002", "Office chair", "149.90"),
            product("TB-2001", "Dining table, oak", "429.00"),
            product("TB-2002", "Desk, height adjustable", "389.50"),
            product("LM-3001", "Desk lamp", "34.95"),
            product("LM-3002", "Floor lamp", "79.00"),
            product("SH-4001", "Bookshelf, 5 boards", "119.00"),
            product("SH-4002", "Wall shelf", "24.50"),
            product("RG-5001", "Wool rug, 160 x 230", "249.00"),
            product("CU-6001", "Cushion", "14.99"),
            product("CU-6002", "Cushion cover", "7.49"),
            product("BD-7001", "Bed frame, 140 x 200", "299.00"));

    private Catalogue() {}

    private static Product product(String sku, String name, String price) {
        return new Product(sku, name, new BigDecimal(price));
    }
}
