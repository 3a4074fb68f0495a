package io.sqlmq.engine.model;

import io.sqlmq.engine.model.NewMessage.Content;
import io.sqlmq.engine.model.NewMessage.Headers;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A message that a window or a joined transaction has claimed. Compared by identity. */
public final class Delivery {

    /**
     * The row as it was read.
     *
     * @param deliveryCount deliveries before this one
     * @param failureCount those of them that count towards the dead-letter queue
     * @param deadOrigin the channel where a dead letter came from, else null
     * @param deadReason why it is a dead letter, else null
     */
    public record Row(
            UUID id,
            String channel,
            boolean persistent,
            int priority,
            long seq,
            long sentAt,
            long deliveryTime,
            long expiration,
            int deliveryCount,
            int failureCount,
            @Nullable String deadOrigin,
            @Nullable String deadReason,
            Headers headers,
            Content content) {

        /** The same without its body, for who asks for the rest. */
        public Row withoutBody() {
            return new Row(
                    id,
                    channel,
                    persistent,
                    priority,
                    seq,
                    sentAt,
                    deliveryTime,
                    expiration,
                    deliveryCount,
                    failureCount,
                    deadOrigin,
                    deadReason,
                    headers,
                    new Content(null, null, null, content.properties(), content.propertyTypes()));
        }
    }

    /** Where a delivery stands. Guarded by its window. */
    public enum State {
        /** Locked by the window's transaction, not handed over. */
        UNSEEN,
        /** Handed over, locked by the window's transaction. */
        HANDED,
        /** Acknowledged, not written yet. */
        ACKNOWLEDGED,
        /** Handed over, under a lease. */
        LEASED,
        /** Handed over, but the transaction that held it is gone. */
        LOST,
        /** Acknowledged and written, or given back. */
        DONE
    }

    private final Row row;
    public final String tid;
    public final boolean suspect;
    public final boolean expired;
    /** Its last delivery was under a lease and has been counted as a delivery then. */
    public final boolean countedByLease;
    /** The claiming transaction. */
    public final String transaction;

    public State state = State.UNSEEN;
    public long leaseToken;
    /** Given back: in how many milliseconds it is due, or the dead-letter channel. */
    public long dueMillis;

    @Nullable
    public String parkedIn;

    /** A body that it shares with other rows. */
    @Nullable
    public UUID payloadId;

    /** What it carries is more than this process will fetch: it is not there. */
    public boolean large;

    /** It may be more than that: another claim has to measure it. What is known is what its last delivery was like. */
    public boolean unmeasured;

    /** It was claimed because its time has come, not in its place in the queue. */
    public boolean due;

    /** One of a group. */
    public boolean grouped;

    /** Behind this one and the others of its claim there may be more of groups, see mq_claim_grouped. */
    public boolean cut;

    /** When it was handed over, as of System.nanoTime; 0: it was not, here. */
    private long handedAt;

    /** For how many milliseconds the database keeps what it was when it is acknowledged; 0: it does not. */
    public long keepMillis;

    /** What becomes of it when it fails, by who claimed it. */
    public FailureRules rules = FailureRules.RETRY;

    public Delivery(Row row, String tid, boolean suspect, boolean expired, boolean countedByLease, String transaction) {
        this.row = row;
        this.tid = tid;
        this.suspect = suspect;
        this.expired = expired;
        this.countedByLease = countedByLease;
        this.transaction = transaction;
    }

    /** The message. {@code deliveryCount} is the number of deliveries before this one. */
    public Row row() {
        return row;
    }

    /** The identifier of the database transaction that claimed it. */
    public String transaction() {
        return transaction;
    }

    /** Whether failed deliveries never end, or not soon, in the dead-letter queue. */
    public boolean retriesForEver() {
        return rules().retriesForEver(row);
    }

    public FailureRules rules() {
        return rules;
    }

    /** It is handed over now. */
    public void handedOver() {
        handedAt = System.nanoTime();
    }

    /** For how many milliseconds it has been worked on here, or null if that is not known. */
    public @Nullable Long workedMillis() {
        return handedAt == 0 ? null : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - handedAt);
    }

    /** For how many nanoseconds it has been worked on here, or -1 if that is not known. */
    public long workedNanos() {
        return handedAt == 0 ? -1 : System.nanoTime() - handedAt;
    }

    /** Somebody has deleted the body that it shares with other rows. */
    public boolean isBodyMissing() {
        return payloadId != null
                && row.content().text() == null
                && row.content().bytes() == null
                && rules().whenBodyIsMissing(row) != null;
    }

    public boolean unlogged() {
        return !row.persistent();
    }
}
