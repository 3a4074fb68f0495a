package io.sqlmq.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** §2.3.2: only the connection that has created a temporary destination may receive from it. */
class TemporaryDestinationTest {

    private final Map<Session, Destination> created = new ConcurrentHashMap<>();
    private final TemporaryDestination destination = new TemporaryDestination(this::create);
    private final Session producers = session();
    private final Session consumers = session();

    private Destination create(Session session) {
        Destination made = new Destination() {};
        created.put(session, made);
        return made;
    }

    private static Session session() {
        return (Session) Proxy.newProxyInstance(
                TemporaryDestinationTest.class.getClassLoader(),
                new Class<?>[] {Session.class},
                (self, method, args) ->
                        method.getName().equals("equals") ? self == args[0] : System.identityHashCode(self));
    }

    @Test
    void whoeverAsksFirstCreatesItWhereNobodyConsumes() throws JMSException {
        assertThat(destination.get(producers)).isSameAs(created.get(producers)).isNotNull();
        assertThat(destination.get(consumers)).isSameAs(created.get(producers));
    }

    @Test
    void aProducerThatIsQuickerThanTheConsumerWaitsForIt() throws Exception {
        destination.starts(this);
        FutureTask<Destination> quick = new FutureTask<>(() -> destination.get(producers));
        Thread thread = new Thread(quick);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        assertThat(destination.consumed(consumers))
                .isSameAs(created.get(consumers))
                .isNotNull();
        assertThat(quick.get()).isSameAs(created.get(consumers));
    }

    @Test
    void itDoesNotWaitForAConsumerThatHasStopped() throws Exception {
        destination.starts(this);
        FutureTask<Destination> quick = new FutureTask<>(() -> destination.get(producers));
        Thread thread = new Thread(quick);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        destination.stops(this);
        assertThat(quick.get()).isSameAs(created.get(producers)).isNotNull();
    }
}
