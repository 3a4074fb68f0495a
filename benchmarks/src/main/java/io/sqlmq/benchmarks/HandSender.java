package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Sends by hand. A batch is one INSERT over arrays that commits itself: one round trip. */
final class HandSender implements Worker {

    private static final String INSERT_ONE = """
            INSERT INTO mq_msgs (id, channel_name, prio_rank, sent_at, payload_text) VALUES (?, ?, ?, ?, ?)""";

    private static final String INSERT_MANY = """
            INSERT INTO mq_msgs (id, channel_name, prio_rank, sent_at, payload_text)
            SELECT * FROM unnest(?, ?, ?, ?, ?)""";

    private final Connection connection;
    private final PreparedStatement one;
    private final PreparedStatement many;
    private final String queue;
    private final String body;
    private final int perCommit;

    HandSender(Tables tables, String queue, String body, int perCommit) throws SQLException {
        this.connection = tables.connect();
        this.one = connection.prepareStatement(INSERT_ONE);
        this.many = connection.prepareStatement(INSERT_MANY);
        this.queue = queue;
        this.body = body;
        this.perCommit = perCommit;
    }

    @Override
    public void move(int messages) throws SQLException {
        for (int sent = 0; sent < messages; sent += perCommit) {
            if (perCommit == 1) {
                sendOne();
            } else {
                sendMany(Math.min(perCommit, messages - sent));
            }
        }
    }

    private void sendOne() throws SQLException {
        one.setObject(1, newId());
        one.setString(2, queue);
        one.setShort(3, (short) 5);
        one.setLong(4, System.currentTimeMillis());
        one.setString(5, body);
        one.executeUpdate();
    }

    private void sendMany(int count) throws SQLException {
        UUID[] ids = new UUID[count];
        String[] queues = new String[count];
        Short[] ranks = new Short[count];
        Long[] times = new Long[count];
        String[] bodies = new String[count];
        for (int i = 0; i < count; i++) {
            ids[i] = newId();
            queues[i] = queue;
            ranks[i] = 5;
            times[i] = System.currentTimeMillis();
            bodies[i] = body;
        }
        many.setArray(1, connection.createArrayOf("uuid", ids));
        many.setArray(2, connection.createArrayOf("text", queues));
        many.setArray(3, connection.createArrayOf("int2", ranks));
        many.setArray(4, connection.createArrayOf("int8", times));
        many.setArray(5, connection.createArrayOf("text", bodies));
        many.executeUpdate();
    }

    /** Ordered by time, as a UUID of version 7 is, so that the index grows at its end. */
    private static UUID newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long time = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(0x1000);
        return new UUID(time, Long.MIN_VALUE | random.nextLong() >>> 2);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
