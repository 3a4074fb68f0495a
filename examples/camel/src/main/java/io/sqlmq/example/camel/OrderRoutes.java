package io.sqlmq.example.camel;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;

/** What becomes of an order. How orders come in is in routes/intake.yaml. */
public class OrderRoutes extends RouteBuilder {
    private static final Map<String, Integer> CENTS = Map.of("apples", 30, "bread", 250, "cheese", 700);

    @Override
    public void configure() {
        // One transaction: the order is received, stored and sent on; or, if anything fails, none of it.
        from("sqlmq:orders?concurrentConsumers=4&redelivery.maximumRedeliveries=2&redelivery.redeliveryDelay=100")
                .routeId("orders")
                .process(OrderRoutes::read)
                // A request, which is answered before the transaction ends.
                .setBody(header("product"))
                .to("sqlmq:prices?exchangePattern=InOut")
                .convertBodyTo(Integer.class)
                .setHeader("cents", body())
                .to("sql:INSERT INTO orders (id, product, pieces, cents)"
                        + " VALUES (:#${header.id}, :#${header.product}, :#${header.pieces}, :#${header.cents})")
                // The check of a business rule after the SQL: what was inserted goes too.
                .process(OrderRoutes::check)
                .setBody(header("id").convertToString())
                .to("sqlmq:shipping?group=${header.product}");

        from("sqlmq:prices")
                .routeId("prices")
                .process(exchange -> exchange.getMessage()
                        .setBody(CENTS.getOrDefault(exchange.getMessage().getBody(String.class), 0)
                                .toString()));

        from("sqlmq:shipping")
                .routeId("shipping")
                .to("sql:UPDATE orders SET shipped = true WHERE id = CAST(:#${body} AS int)");
    }

    /** A line such as {@code 7,apples,12}. */
    private static void read(Exchange exchange) {
        String[] fields = exchange.getMessage().getBody(String.class).split(",", -1);
        exchange.getMessage().setHeader("id", Integer.valueOf(fields[0]));
        exchange.getMessage().setHeader("product", fields[1]);
        exchange.getMessage().setHeader("pieces", Integer.valueOf(fields[2]));
        exchange.getMessage().setHeader("cents", 0);
    }

    private static void check(Exchange exchange) {
        if (exchange.getMessage().getHeader("cents", Integer.class) == 0) {
            throw new IllegalArgumentException(
                    "There is no " + exchange.getMessage().getHeader("product"));
        }
    }
}
