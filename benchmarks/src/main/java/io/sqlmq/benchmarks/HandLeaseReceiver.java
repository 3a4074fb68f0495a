package io.sqlmq.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Receives by hand as a fast listener's client would: messages are fetched many at a time under a lease, and
 * acknowledged on a second connection by a second thread, whatever has gathered there at once. No commit waits for the
 * disk.
 */
final class HandLeaseReceiver implements Worker {

    private static final int PREFETCH = 200;

    private static final String LEASE = """
            UPDATE mq_msgs
               SET attempt_at = statement_timestamp() + interval '30 s', lease_owner = ?, lease_token = ?,
                   delivery_count = delivery_count + 1
             WHERE ctid = ANY (ARRAY(
                     SELECT ctid FROM mq_msgs
                      WHERE channel_name = ? AND attempt_at IS NULL AND slot IS NULL
                      ORDER BY prio_rank, seq
                      LIMIT ? FOR UPDATE SKIP LOCKED))
            RETURNING id, seq, sent_at, delivery_count, reply_to, correlation_id, jms_type, properties, payload_text""";

    private static final String DELETE = """
            DELETE FROM mq_msgs WHERE id = ANY (?) AND channel_name = ? AND lease_token = ?""";

    private final Connection leasing;
    private final Connection acknowledging;
    private final PreparedStatement lease;
    private final PreparedStatement delete;
    private final String queue;
    private final ExecutorService acknowledger = Executors.newSingleThreadExecutor();
    private final BlockingQueue<UUID> done = new LinkedBlockingQueue<>();
    private long token;

    HandLeaseReceiver(Tables tables, String queue) throws SQLException {
        this.queue = queue;
        leasing = relaxed(tables);
        acknowledging = relaxed(tables);
        lease = leasing.prepareStatement(LEASE);
        delete = acknowledging.prepareStatement(DELETE);
        token = System.nanoTime();
    }

    private static Connection relaxed(Tables tables) throws SQLException {
        Connection connection = tables.connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = off");
        }
        return connection;
    }

    @Override
    public void move(int messages) throws Exception {
        token++;
        Future<?> acknowledged = acknowledger.submit(() -> {
            acknowledge(messages);
            return null;
        });
        int received = 0;
        while (received < messages) {
            List<UUID> ids = fetch(Math.min(PREFETCH, messages - received));
            if (ids.isEmpty()) {
                throw new IllegalStateException("The queue is empty after " + received + " of " + messages);
            }
            received += ids.size();
            done.addAll(ids); // one by one, as each would come out of its handler
        }
        acknowledged.get();
    }

    private List<UUID> fetch(int limit) throws SQLException {
        lease.setInt(1, 1);
        lease.setLong(2, token);
        lease.setString(3, queue);
        lease.setInt(4, limit);
        List<UUID> ids = new ArrayList<>(limit);
        try (ResultSet rows = lease.executeQuery()) {
            while (rows.next()) {
                HandClaim.read(rows, 1);
                ids.add(rows.getObject(1, UUID.class));
            }
        }
        return ids;
    }

    private void acknowledge(int messages) throws SQLException, InterruptedException {
        int acknowledged = 0;
        List<UUID> ids = new ArrayList<>();
        while (acknowledged < messages) {
            ids.add(done.take());
            done.drainTo(ids);
            delete.setArray(1, acknowledging.createArrayOf("uuid", ids.toArray()));
            delete.setString(2, queue);
            delete.setLong(3, token);
            acknowledged += delete.executeUpdate();
            ids.clear();
        }
    }

    @Override
    public void close() throws SQLException {
        acknowledger.shutdownNow();
        leasing.close();
        acknowledging.close();
    }
}
