package io.sqlmq.engine.model;

import io.sqlmq.engine.model.Delivery.Row;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who hears of what engines do. While there is nobody, telling costs a look at a field, and a count of what moves. Thread-safe. */
public final class EngineListeners {

    private static final Logger LOG = LoggerFactory.getLogger(EngineListeners.class);

    private final CopyOnWriteArrayList<EngineListener> all;
    private final Set<Class<?>> failed;
    private final Traffic traffic;

    public EngineListeners() {
        this(new CopyOnWriteArrayList<>(), ConcurrentHashMap.newKeySet(), new Traffic());
    }

    private EngineListeners(CopyOnWriteArrayList<EngineListener> all, Set<Class<?>> failed, Traffic traffic) {
        this.all = all;
        this.failed = failed;
        this.traffic = traffic;
    }

    /** The same listeners, as one engine tells them; what moves there is counted besides. */
    public EngineListeners counting(Traffic counted) {
        return new EngineListeners(all, failed, counted);
    }

    /** Adds a listener, which hears of what happens from now on. */
    public void add(EngineListener listener) {
        all.add(listener);
    }

    /** Forgets a listener. */
    public void remove(EngineListener listener) {
        all.remove(listener);
    }

    /** Whether there is one. */
    public boolean any() {
        return !all.isEmpty();
    }

    private void tell(Consumer<EngineListener> event) {
        for (EngineListener listener : all) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                if (failed.add(listener.getClass())) {
                    LOG.warn(
                            "{} threw an exception. This is said once",
                            listener.getClass().getName(),
                            e);
                }
            }
        }
    }

    /** Rows were written. */
    public void sent(List<NewMessage> rows) {
        for (NewMessage row : rows) {
            if (row.schedule() == null) {
                traffic.count(row.channel(), 1, 0);
            }
        }
        if (!any() || rows.isEmpty()) {
            return;
        }
        Map<String, Integer> byDestination = new HashMap<>();
        for (NewMessage row : rows) {
            if (row.schedule() == null) {
                byDestination.merge(destination(row.channel(), row.headers()), 1, Integer::sum);
            }
        }
        byDestination.forEach((destination, n) -> tell(listener -> listener.sent(destination, n)));
    }

    /** A message was handed over. */
    public void delivered(Delivery delivery) {
        if (any()) {
            Row row = delivery.row();
            long since = Math.max(row.sentAt(), row.deliveryTime());
            long waited = since <= 0 ? -1 : Math.max(0, System.currentTimeMillis() - since);
            String destination = destination(delivery);
            tell(listener -> listener.delivered(destination, row.deliveryCount() > 0, waited));
        }
    }

    /** Messages are deleted for good, because they were acknowledged, or have expired. */
    public void acknowledged(Collection<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            traffic.count(delivery.row().channel(), 0, 1);
        }
        if (any()) {
            for (Delivery delivery : deliveries) {
                String destination = destination(delivery);
                if (delivery.expired) {
                    tell(listener -> listener.expired(destination, 1));
                } else {
                    long worked = delivery.workedNanos();
                    tell(listener -> listener.acknowledged(destination, worked));
                }
            }
        }
    }

    /** A delivery has failed, and perhaps was the last one. */
    public void failed(Delivery delivery) {
        parked(delivery);
        if (any()) {
            String destination = destination(delivery);
            long worked = delivery.workedNanos();
            tell(listener -> listener.rolledBack(destination, worked));
            if (delivery.parkedIn != null) {
                tell(listener -> listener.deadLettered(destination));
            }
        }
    }

    /** A message was moved to a dead-letter queue although it was not delivered. */
    public void deadLettered(Delivery delivery) {
        parked(delivery);
        if (any()) {
            String destination = destination(delivery);
            tell(listener -> listener.deadLettered(destination));
        }
    }

    /** A message was set aside. */
    public void setAside(Delivery delivery) {
        if (any()) {
            String destination = destination(delivery);
            tell(listener -> listener.setAside(destination));
        }
    }

    /** A message has expired and was moved. */
    public void expired(Delivery delivery) {
        parked(delivery);
        if (any()) {
            String destination = destination(delivery);
            tell(listener -> listener.expired(destination, 1));
        }
    }

    /** So many messages of any queues have expired. */
    public void swept(int messages) {
        if (any() && messages > 0) {
            tell(listener -> listener.expired(null, messages));
        }
    }

    /** A consumer that waited has got a message. */
    public void wokenUp(Delivery delivery, long nanos) {
        if (any()) {
            String destination = destination(delivery);
            tell(listener -> listener.wokenUp(destination, nanos));
        }
    }

    /** So many messages were committed together. */
    public void flushed(int messages) {
        if (any()) {
            tell(listener -> listener.flushed(messages));
        }
    }

    /** The database is away. */
    public void outageBegan(SQLException cause) {
        if (any()) {
            tell(listener -> listener.outageBegan(cause));
        }
    }

    /** The database is back. */
    public void outageEnded(long nanos) {
        if (any()) {
            tell(listener -> listener.outageEnded(nanos));
        }
    }

    private void parked(Delivery delivery) {
        String to = delivery.parkedIn;
        if (to != null) {
            traffic.count(delivery.row().channel(), 0, 1);
            traffic.count(to, 1, 0);
        }
    }

    private static String destination(Delivery delivery) {
        return destination(delivery.row().channel(), delivery.row().headers());
    }

    private static String destination(String channel, NewMessage.Headers headers) {
        String topic = headers.destination();
        return topic != null && Subscription.isChannel(channel) ? topic : channel;
    }
}
