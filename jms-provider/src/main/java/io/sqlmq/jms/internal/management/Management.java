package io.sqlmq.jms.internal.management;

import io.sqlmq.engine.jdbc.Daemons;
import io.sqlmq.engine.model.EngineListener;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.jms.FactoryState;
import io.sqlmq.jms.internal.settings.ProductVersion;
import jakarta.jms.JMSException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The MBeans of a factory: itself, and the queues and topics that it has to do with. They are named as ActiveMQ names its own, in the domain
 * {@code io.sqlmq}; a second factory in the JVM with the same name gets a number. Thread-safe.
 */
public final class Management implements EngineListener, BrokerViewMBean, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Management.class);
    private static final String DOMAIN = "io.sqlmq";
    private static final String TOPIC = "topic://";
    private static final String SPECIAL = ",=:\"*?\n\\";

    /** So many destinations have MBeans; more are not for people to look at. */
    private static final int MOST = 1_000;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final EngineListeners listeners;
    private final Supplier<FactoryState> state;
    private final Database database;
    private final Sizes sizes;
    private final long began = System.nanoTime();
    private final Counts total = new Counts();
    private final Map<String, Counts> byDestination = new ConcurrentHashMap<>();
    private final Map<String, ObjectName> queues = new ConcurrentHashMap<>();
    private final Map<String, ObjectName> topics = new ConcurrentHashMap<>();
    private String name = "";
    private boolean closed;

    private Management(EngineListeners listeners, Supplier<FactoryState> state, Database database) {
        this.listeners = listeners;
        this.state = state;
        this.database = database;
        this.sizes = new Sizes(database);
    }

    /**
     * Registers the MBean of a factory. Those of its queues follow by and by.
     *
     * @param name what it is called
     * @param listeners where it hears of what happens
     * @param state what the factory holds
     * @param database for numbers and operations
     */
    public static Management register(
            String name, EngineListeners listeners, Supplier<FactoryState> state, Database database) {
        Management management = new Management(listeners, state, database);
        management.registerBroker(name);
        listeners.add(management);
        return management;
    }

    private synchronized void registerBroker(String wanted) {
        String candidate = wanted;
        for (int n = 2; ; n++) {
            name = candidate;
            try {
                server.registerMBean(new javax.management.StandardMBean(this, BrokerViewMBean.class), brokerName());
                return;
            } catch (InstanceAlreadyExistsException e) {
                candidate = wanted + "-" + n;
            } catch (JMException e) {
                log.warn("The connection factory {} cannot be registered as an MBean", wanted, e);
                return;
            }
        }
    }

    private ObjectName brokerName() throws JMException {
        return new ObjectName(DOMAIN + ":type=Broker,brokerName=" + part(name));
    }

    private static String part(String text) {
        return text.isEmpty() || text.chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0) ? ObjectName.quote(text) : text;
    }

    private @Nullable Counts counts(String destination) {
        if (EngineListener.isTemporary(destination)) {
            return null;
        }
        Counts known = byDestination.get(destination);
        if (known != null || byDestination.size() >= MOST) {
            return known;
        }
        Counts counts = byDestination.computeIfAbsent(destination, d -> new Counts());
        // The caller must not wait for whoever listens to the MBean server.
        Daemons.thread(() -> register(destination), "sqlmq-jmx").start();
        return counts;
    }

    private synchronized void register(String destination) {
        boolean topic = destination.startsWith(TOPIC);
        String shown = topic ? destination.substring(TOPIC.length()) : destination;
        Map<String, ObjectName> registered = topic ? topics : queues;
        if (closed || registered.containsKey(shown)) {
            return;
        }
        Counts counts = byDestination.computeIfAbsent(destination, d -> new Counts());
        try {
            ObjectName object = new ObjectName(brokerName() + ",destinationType=" + (topic ? "Topic" : "Queue")
                    + ",destinationName=" + part(shown));
            if (topic) {
                server.registerMBean(
                        new javax.management.StandardMBean(
                                new DestinationView(shown, counts), DestinationViewMBean.class),
                        object);
            } else {
                server.registerMBean(
                        new javax.management.StandardMBean(
                                new QueueView(shown, counts, database, sizes), QueueViewMBean.class),
                        object);
            }
            registered.put(shown, object);
        } catch (JMException e) {
            log.warn("{} cannot be registered as an MBean", destination, e);
        }
    }

    // ---- what happens

    @Override
    public void sent(String destination, int messages) {
        total.sent.add(messages);
        Counts counts = counts(destination);
        if (counts != null) {
            counts.sent.add(messages);
        }
    }

    @Override
    public void delivered(String destination, boolean redelivered, long waitedMillis) {
        Counts counts = counts(destination);
        if (counts != null) {
            counts.delivered.increment();
            counts.inFlight.increment();
            if (waitedMillis >= 0) {
                counts.waited(waitedMillis);
            }
        }
    }

    @Override
    public void acknowledged(String destination, long workedNanos) {
        total.acknowledged.increment();
        Counts counts = counts(destination);
        if (counts != null) {
            counts.acknowledged.increment();
            counts.inFlight.decrement();
        }
    }

    @Override
    public void rolledBack(String destination, long workedNanos) {
        Counts counts = counts(destination);
        if (counts != null) {
            counts.rolledBack.increment();
            if (workedNanos >= 0) {
                counts.inFlight.decrement();
            }
        }
    }

    @Override
    public void deadLettered(String destination) {
        Counts counts = counts(destination);
        if (counts != null) {
            counts.deadLettered.increment();
        }
    }

    @Override
    public void expired(@Nullable String destination, int messages) {
        Counts counts = destination == null ? null : counts(destination);
        if (counts != null) {
            counts.expired.add(messages);
        }
    }

    // ---- the MBean of the factory

    @Override
    public synchronized String getBrokerName() {
        return name;
    }

    @Override
    public String getBrokerVersion() {
        return ProductVersion.TEXT;
    }

    @Override
    public long getUptimeMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    @Override
    public long getTotalEnqueueCount() {
        return total.sent.sum();
    }

    @Override
    public long getTotalDequeueCount() {
        return total.acknowledged.sum();
    }

    @Override
    public int getWaitingConsumers() {
        return state.get().waitingConsumers();
    }

    @Override
    public int getOpenWindows() {
        return state.get().openWindows();
    }

    @Override
    public int getLeases() {
        return state.get().leases();
    }

    @Override
    public boolean isDatabaseReachable() {
        return !state.get().outage();
    }

    @Override
    public ObjectName[] getQueues() throws JMSException {
        for (String queue : sizes.queues()) {
            if (byDestination.size() < MOST) {
                register(queue);
            }
        }
        return queues.values().stream().sorted().toArray(ObjectName[]::new);
    }

    @Override
    public void addQueue(String queue) throws JMSException {
        database.calls()
                .call("Declaring " + queue, admin -> admin.destinations().declare(queue, true));
        sizes.forget();
        register(queue);
    }

    @Override
    public void removeQueue(String queue) throws JMSException {
        database.calls().call("Deleting " + queue, admin -> {
            admin.destinations().undeclare(queue, true);
            admin.destinations().unbind(queue);
            return admin.purge(queue);
        });
        sizes.forget();
        byDestination.remove(queue);
        unregister(queues.remove(queue));
    }

    private void unregister(@Nullable ObjectName object) {
        if (object == null) {
            return;
        }
        try {
            server.unregisterMBean(object);
        } catch (InstanceNotFoundException e) {
            log.debug("Somebody else has unregistered {}", object, e);
        } catch (JMException e) {
            log.warn("{} cannot be unregistered", object, e);
        }
    }

    /** Unregisters all of them. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        listeners.remove(this);
        queues.values().forEach(this::unregister);
        topics.values().forEach(this::unregister);
        try {
            unregister(brokerName());
        } catch (JMException e) {
            log.debug("It never was registered", e);
        }
    }
}
