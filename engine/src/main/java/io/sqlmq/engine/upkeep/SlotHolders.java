package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
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
public final class SlotHolders {

    private static final Logger LOG = LoggerFactory.getLogger(SlotHolders.class);

    private record Holder(String channel, int pid, String transaction) {}

    private final HousekeepingConnection housekeeping;
    private final Statements sql;
    private final Channels channels;
    private Set<Holder> before = Set.of();

    public SlotHolders(HousekeepingConnection housekeeping, Statements sql, Channels channels) {
        this.housekeeping = housekeeping;
        this.sql = sql;
        this.channels = channels;
    }

    /** Names those who held some already the last time, in the same transaction. */
    public void look() throws SQLException {
        List<String> names = channels.all().stream()
                .filter(Channel::hasConsumers)
                .map(Channel::name)
                .toList();
        Set<Holder> now = new HashSet<>();
        if (!names.isEmpty()) {
            housekeeping.run(new Pipeline().query(sql.slotHolders, p -> p.texts(names.toArray(String[]::new)), rows -> {
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
