package io.sqlmq.engine.claim;

import io.sqlmq.engine.model.Delivery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where rows of one channel are, which the transaction has locked. Statements name a row by its channel and its ctid, never by
 * the latter alone: in tables that are distributed by channel it is a row of each of them.
 *
 * @param tids in mq_msgs
 * @param unloggedTids in mq_msgs_unlogged
 */
public record Located(String channel, List<String> tids, List<String> unloggedTids) {

    /** One for each channel. */
    public static Collection<Located> of(Collection<Delivery> deliveries) {
        Map<String, Located> byChannel = new LinkedHashMap<>();
        for (Delivery delivery : deliveries) {
            Located located = byChannel.computeIfAbsent(
                    delivery.row().channel(), channel -> new Located(channel, new ArrayList<>(), new ArrayList<>()));
            (delivery.unlogged() ? located.unloggedTids : located.tids).add(delivery.tid);
        }
        return byChannel.values();
    }
}
