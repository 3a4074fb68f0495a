package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.Engine;
import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.jdbc.Pipeline;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells who keeps messages of groups from being delivered: anybody who may connect can hold the locks of their slots. Used by
 * one thread at a time.
 */
final class SlotHolders {

    private static final Logger LOG = LoggerFactory.getLogger(SlotHolders.class);

    private record Holder(String channel, int pid, String transaction) {}

    private final Engine engine;
    private Set<Holder> before = Set.of();

    SlotHolders(Engine engine) {
        this.engine = engine;
    }

    /** Names those who held some already the last time, in the same transaction. */
    void look() throws SQLException {
        List<String> channels = engine.channels().all().stream()
                .filter(Channel::hasConsumers)
                .map(Channel::name)
                .toList();
        Set<Holder> now = new HashSet<>();
        if (!channels.isEmpty()) {
            engine.runHousekeeping(new Pipeline()
                    .query(engine.sql().slotHolders, p -> p.texts(channels.toArray(String[]::new)), rows -> {
                        while (rows.next()) {
                            Holder holder = new Holder(rows.getString(1), rows.getInt(2), rows.getString(3));
                            now.add(holder);
                            if (before.contains(holder)) {
                                LOG.warn(
                                        "Messages of groups in {} wait for the server's process {} (application {}),"
                                                + " which has been holding {} of the 1024 slots of groups for a"
                                                + " while; pg_stat_activity tells what it does",
                                        holder.channel,
                                        holder.pid,
                                        rows.getString(4),
                                        rows.getLong(5));
                            }
                        }
                    }));
        }
        before = now;
    }
}
