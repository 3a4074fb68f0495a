package io.sqlmq.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.impl.DefaultCamelContext;

/** The route on a component of messages. A round is timed from the route's start until the last message is committed. */
final class CamelRoute implements Routing.Contender {

    private static final String ID = "route";
    private static final long PATIENCE_SECONDS = 120;
    private static final long RECEIVE_MILLIS = 100;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Queues queues;
    private volatile CountDownLatch expected = new CountDownLatch(0);

    CamelRoute(JmsComponent component, DataSource dataSource, Queues queues, int consumers) throws Exception {
        this.queues = queues;
        component.setConcurrentConsumers(consumers);
        component.setReceiveTimeout(RECEIVE_MILLIS); // which the route's end waits for
        context.getRegistry().bind("dataSource", dataSource);
        context.addComponent("mq", component);
        RouteBuilder.addRoutes(
                context,
                routes -> routes.from("mq:" + Bench.QUEUE)
                        .routeId(ID)
                        .autoStartup(false)
                        .to("sql:" + String.format(Routing.INSERT, ":#${body}")
                                + "?parametersCount=1") // or it asks each time
                        .to("mq:" + Routing.OUT)
                        .process(exchange -> expected.countDown()));
        context.start();
    }

    @Override
    public void prepare(int messages, String body) throws Exception {
        queues.refill(messages, body);
    }

    @Override
    public void run(int messages) throws Exception {
        CountDownLatch latch = new CountDownLatch(messages);
        expected = latch;
        context.getRouteController().startRoute(ID);
        if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    latch.getCount() + " of " + messages + " messages did not come within " + PATIENCE_SECONDS + " s");
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (sent() < messages && System.nanoTime() < end) {
            Thread.sleep(1);
        }
    }

    @Override
    public long sent() throws Exception {
        return queues.count(Routing.OUT);
    }

    @Override
    public void leave() throws Exception {
        context.getRouteController().stopRoute(ID);
    }

    @Override
    public void close() throws Exception {
        context.close();
    }
}
