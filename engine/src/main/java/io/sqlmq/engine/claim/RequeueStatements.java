package io.sqlmq.engine.claim;

import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Texts;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.FailureRules.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Builds statements that give messages back. Stateless but for the owner of leases. */
public final class RequeueStatements {

    /** A reason to give back. */
    public enum Kind {
        /** A rollback: by the redelivery policy. */
        BY_RULES(true, true, true),
        /** recover() and a listener's exception: redelivered at once, up to the policy's maximum. */
        AT_ONCE(true, true, false),
        /** An orderly close. */
        ON_CLOSE(true, false, false),
        /** Never handed over. */
        RELEASED(false, false, false),
        /** The delivery before ended with the death of its transaction or lease. */
        AS_SUSPECT(true, true, true),
        /** The transaction that leased it may have been committed or not: if it was, the lease ends. */
        LEASE_IN_DOUBT(false, false, false),
        /** Expired, and the rules want it kept. */
        AS_EXPIRED(false, false, false),
        /** Its shared body is missing: never handed over. */
        WITHOUT_BODY(false, false, false),
        /** It cannot be read, for the reason that is given as its error: set aside, never handed over. */
        UNREADABLE(false, false, false);

        private final boolean counted;
        private final boolean failed;
        private final boolean delayed;

        /**
         * Defines a kind.
         *
         * @param counted whether the delivery counts
         * @param failed whether it counts towards the dead-letter queue
         * @param delayed whether the rules say when it is due, rather than at once
         */
        Kind(boolean counted, boolean failed, boolean delayed) {
            this.counted = counted;
            this.failed = failed;
            this.delayed = delayed;
        }
    }

    private final Statements sql;
    private final KnownFailures known;
    private final EngineListeners listeners;

    public RequeueStatements(Statements sql, KnownFailures known, EngineListeners listeners) {
        this.sql = sql;
        this.listeners = listeners;
        this.known = known;
    }

    /**
     * Adds the statement for rows that the transaction has locked and that one of somebody else's had before, which failed:
     * what could not be read in that is set aside.
     */
    void addFailed(Pipeline pipeline, List<Delivery> deliveries, @Nullable String error) {
        List<Delivery> others = withoutUnreadable(pipeline, deliveries, false);
        if (!others.isEmpty()) {
            add(pipeline, others, Kind.BY_RULES, error);
        }
    }

    private List<Delivery> withoutUnreadable(Pipeline pipeline, List<Delivery> failed, boolean forHolder) {
        List<Delivery> others = new ArrayList<>(failed);
        for (Delivery delivery : failed) {
            String reason = known.takeUnreadable(delivery);
            if (reason != null) {
                add(pipeline, List.of(delivery), Kind.UNREADABLE, reason, 0, forHolder);
                others.remove(delivery);
            }
        }
        return others;
    }

    /** Adds the statement for rows that the transaction has locked. */
    public void add(Pipeline pipeline, List<Delivery> deliveries, Kind kind, @Nullable String error) {
        add(pipeline, deliveries, kind, error, false);
    }

    /** Adds the statement for rows that a transaction on another connection has let go, keeping the locks of their groups. */
    public void addFromSide(Pipeline pipeline, List<Delivery> deliveries, Kind kind) {
        add(pipeline, deliveries, kind, null, true);
    }

    /** One statement for all, or, of suspects, one for each text of which this process knows that it belongs to them. */
    private void add(
            Pipeline pipeline, List<Delivery> deliveries, Kind kind, @Nullable String error, boolean forHolder) {
        List<Delivery> others = deliveries;
        if (kind == Kind.AS_SUSPECT) {
            others = withoutUnreadable(pipeline, deliveries, forHolder);
            Map<String, List<Delivery>> explained = new LinkedHashMap<>();
            for (Delivery delivery : List.copyOf(others)) {
                String text = known.of(delivery);
                if (text != null) {
                    explained.computeIfAbsent(text, t -> new ArrayList<>()).add(delivery);
                    others.remove(delivery);
                }
            }
            explained.forEach((text, failed) -> add(pipeline, failed, kind, text, 0, forHolder));
        }
        if (!others.isEmpty()) {
            add(pipeline, others, kind, error, 0, forHolder);
        }
    }

    /**
     * As {@link #add(Pipeline, List, Kind, String)}, for leased rows too.
     *
     * @param owner whose leases they are
     * @return when the pipeline has run, how many leased rows are locked by others, so that they have to be tried again
     */
    public int[] add(Pipeline pipeline, List<Delivery> deliveries, Kind kind, @Nullable String error, int owner) {
        return add(pipeline, deliveries, kind, error, owner, false);
    }

    private int[] add(
            Pipeline pipeline,
            List<Delivery> deliveries,
            Kind kind,
            @Nullable String error,
            int owner,
            boolean forHolder) {
        int[] busy = new int[1];
        int n = deliveries.size();
        String[] channels = new String[n];
        UUID[] ids = new UUID[n];
        Boolean[] unlogged = new Boolean[n];
        Long[] tokens = new Long[n];
        Integer[] counted = new Integer[n];
        Integer[] failed = new Integer[n];
        Long[] delays = new Long[n];
        String[] dead = new String[n];
        String[] reasons = new String[n];
        for (int i = 0; i < n; i++) {
            Delivery delivery = deliveries.get(i);
            boolean leased = kind == Kind.LEASE_IN_DOUBT || delivery.state == Delivery.State.LEASED;
            channels[i] = delivery.row().channel();
            ids[i] = delivery.row().id();
            unlogged[i] = delivery.unlogged();
            tokens[i] = leased ? delivery.leaseToken : null;
            boolean countedAlready = leased || (kind == Kind.AS_SUSPECT && delivery.countedByLease);
            counted[i] = (kind.counted ? 1 : 0) - (countedAlready ? 1 : 0);
            failed[i] = kind.failed ? 1 : 0;
            delays[i] = 0L;
            if (kind == Kind.AS_EXPIRED) {
                dead[i] = delivery.rules().whenExpired(delivery.row());
                reasons[i] = "expired";
            } else if (kind == Kind.WITHOUT_BODY) {
                dead[i] = delivery.rules().whenBodyIsMissing(delivery.row());
                reasons[i] = "its body is missing: there is no " + delivery.payloadId + " in mq_payloads"
                        + (delivery.unlogged() ? "_unlogged" : "");
            } else if (kind == Kind.UNREADABLE) {
                reasons[i] = Texts.error(error);
            } else if (kind.failed) {
                Verdict verdict = delivery.rules().afterFailure(delivery.row());
                dead[i] = verdict.deadLetterChannel();
                reasons[i] = verdict.deadLetterReason();
                delays[i] = kind.delayed ? verdict.delayMillis() : 0L;
            }
            delivery.dueMillis = delays[i];
            delivery.parkedIn = dead[i];
        }
        pipeline.query(
                sql.giveBack,
                p -> p.texts(channels)
                        .uuids(ids)
                        .bools(unlogged)
                        .bigints(tokens)
                        .integer(owner)
                        .integers(counted)
                        .integers(failed)
                        .bigints(delays)
                        .texts(dead)
                        .texts(reasons)
                        .text(kind == Kind.UNREADABLE ? null : Texts.error(error))
                        .bool(forHolder),
                rows -> {
                    rows.next();
                    busy[0] = rows.getInt(1);
                    if (busy[0] == 0) { // else it is done again
                        tell(deliveries, kind);
                    }
                });
        if (kind.failed) {
            noteAttempts(pipeline, deliveries, channels, ids, error);
        }
        return busy;
    }

    private void tell(List<Delivery> deliveries, Kind kind) {
        for (Delivery delivery : deliveries) {
            if (kind.failed) {
                listeners.failed(delivery);
            } else if (kind == Kind.AS_EXPIRED) {
                listeners.expired(delivery);
            } else if (kind == Kind.UNREADABLE) {
                listeners.setAside(delivery);
            } else if (kind == Kind.WITHOUT_BODY && delivery.parkedIn != null) {
                listeners.deadLettered(delivery);
            }
        }
    }

    private void noteAttempts(
            Pipeline pipeline, List<Delivery> failed, String[] channels, UUID[] ids, @Nullable String error) {
        Integer[] attempts = new Integer[ids.length];
        @Nullable Long[] millis = new Long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            Delivery delivery = failed.get(i);
            attempts[i] = delivery.row().deliveryCount() + (delivery.suspect && delivery.countedByLease ? 0 : 1);
            millis[i] = delivery.workedMillis();
        }
        pipeline.query(
                sql.noteAttempts,
                p -> p.uuids(ids)
                        .texts(channels)
                        .integers(attempts)
                        .bigints(millis)
                        .text(Texts.error(error)),
                rows -> {});
    }
}
