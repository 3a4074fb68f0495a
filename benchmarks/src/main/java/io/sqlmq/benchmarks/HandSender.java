package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sends by hand: one INSERT of one or many rows that commits itself, one round trip. That is faster than INSERT … SELECT
 * FROM unnest(…), most of all with large bodies, and as fast as the driver's rewritten batches, which need a COMMIT of
 * their own.
 */
final class HandSender implements Worker {

    private static final String INSERT =
            "INSERT INTO mq_msgs (id, channel_name, prio_rank, sent_at, payload_text) VALUES (?, ?, ?, ?, ?)";

    private static final String MORE = ", (?, ?, ?, ?, ?)";

    private final Connection connection;
    private final PreparedStatement insert;
    private final String queue;
    private final String body;
    private final int perCommit;

    HandSender(Tables tables, String queue, String body, int perCommit) throws SQLException {
        this.connection = tables.connect();
        this.insert = connection.prepareStatement(INSERT + MORE.repeat(perCommit - 1));
        this.queue = queue;
        this.body = body;
        this.perCommit = perCommit;
    }

    @Override
    public void move(int messages) throws SQLException {
        if (messages % perCommit != 0) {
            throw new IllegalArgumentException(messages + " messages are not a multiple of " + perCommit);
        }
        for (int sent = 0; sent < messages; sent += perCommit) {
            int parameter = 0;
            for (int i = 0; i < perCommit; i++) {
                insert.setObject(++parameter, newId());
                insert.setString(++parameter, queue);
                insert.setShort(++parameter, (short) 5);
                insert.setLong(++parameter, System.currentTimeMillis());
                insert.setString(++parameter, body);
            }
            insert.executeUpdate();
        }
    }

    /** Ordered by time, as a UUID of version 7 is, so that the index grows at its end. */
    static UUID newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long time = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(0x1000);
        return new UUID(time, Long.MIN_VALUE | random.nextLong() >>> 2);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
