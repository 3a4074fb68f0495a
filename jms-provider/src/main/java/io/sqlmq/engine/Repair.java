package io.sqlmq.engine;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acknowledgements whose connection broke under them. They are written as soon as the database is back; until then and
 * for a while after, this process acknowledges such messages instead of handing them over a second time.
 */
final class Repair {

    private static final Logger LOG = LoggerFactory.getLogger(Repair.class);
    private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int BATCH = 500;

    private final Engine engine;
    private final ConcurrentLinkedQueue<Delivery> open = new ConcurrentLinkedQueue<>();
    private final Map<UUID, Long> settled = new ConcurrentHashMap<>();

    Repair(Engine engine) {
        this.engine = engine;
    }

    /** True when the application has acknowledged this message already. */
    boolean isSettled(UUID id) {
        return !settled.isEmpty() && settled.containsKey(id);
    }

    /** Writes the acknowledgement of these messages when the database is back. */
    void settle(List<Delivery> deliveries) {
        long now = System.nanoTime();
        deliveries.forEach(d -> settled.put(d.row().id(), now));
        open.addAll(deliveries);
        engine.scheduleRepair(0);
    }

    /** Acknowledges messages whose transaction was lost while the application worked on them. */
    void acknowledge(List<Delivery> deliveries) {
        settle(deliveries);
    }

    /** Tries once; called until it returns true. */
    boolean run() {
        long now = System.nanoTime();
        settled.values().removeIf(at -> now - at > REMEMBERED_NANOS);
        open.removeIf(d -> !isSettled(d.row().id()));
        List<Delivery> busy = new ArrayList<>();
        while (!open.isEmpty()) {
            List<Delivery> batch = new ArrayList<>();
            for (Delivery delivery = open.poll();
                    delivery != null;
                    delivery = batch.size() < BATCH ? open.poll() : null) {
                batch.add(delivery);
            }
            try {
                busy.addAll(write(batch));
            } catch (SQLException e) {
                open.addAll(batch);
                open.addAll(busy);
                LOG.debug("{} acknowledgements wait for the database", open.size(), e);
                return false;
            }
        }
        open.addAll(busy);
        return busy.isEmpty();
    }

    /** Returns those that others have locked: the server may not have noticed yet that the old connection is gone. */
    private List<Delivery> write(List<Delivery> batch) throws SQLException {
        Set<UUID> busy = new HashSet<>();
        Pipeline pipeline = new Pipeline();
        pipeline.query(
                engine.sql().ackIds,
                p -> p.texts(batch.stream().map(d -> d.row().channel()).toArray(String[]::new))
                        .uuids(batch.stream().map(d -> d.row().id()).toArray(UUID[]::new))
                        .integer(0)
                        .bigints(new Long[batch.size()]),
                rows -> {
                    while (rows.next()) {
                        if (rows.getBoolean(2)) {
                            busy.add(rows.getObject(1, UUID.class));
                        }
                    }
                });
        engine.runAlone(pipeline);
        engine.wakeups().groupsReleased(batch);
        return batch.stream().filter(d -> busy.contains(d.row().id())).toList();
    }
}
