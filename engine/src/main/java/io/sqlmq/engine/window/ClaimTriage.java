package io.sqlmq.engine.window;

import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Deals with claimed rows that must not be handed over as they are: repaired, expired and suspect ones, those whose body is
 * missing, and those that are too large to be fetched. Guarded by the window's lock.
 */
final class ClaimTriage {

    private final Windows shared;
    private final Window.Mode mode;
    private final Deliveries held;
    private final WindowTransaction transaction;

    ClaimTriage(Windows shared, Window.Mode mode, Deliveries held, WindowTransaction transaction) {
        this.shared = shared;
        this.mode = mode;
        this.held = held;
        this.transaction = transaction;
    }

    /**
     * Returns true when the claim has to be repeated.
     *
     * @param guarded whether a savepoint lies before the claim
     */
    boolean screen(List<Delivery> claimed, boolean guarded) throws SQLException {
        List<Delivery> suspects = new ArrayList<>();
        List<Delivery> expired = new ArrayList<>();
        List<Delivery> bodiless = new ArrayList<>();
        List<Delivery> large = new ArrayList<>();
        for (Delivery delivery : claimed) {
            if (shared.claims.pendingAcks().isSettled(delivery.row().id())) {
                held.acknowledged().add(delivery);
            } else if (delivery.expired) {
                expired.add(delivery);
            } else if (delivery.large) {
                large.add(delivery);
            } else if (delivery.isBodyMissing()) {
                bodiless.add(delivery);
            } else if (delivery.suspect) {
                suspects.add(delivery);
            }
        }
        if (!expired.isEmpty()) {
            dropExpired(expired);
        }
        park(bodiless, RequeueStatements.Kind.WITHOUT_BODY, null);
        park(
                large,
                RequeueStatements.Kind.UNREADABLE,
                "it is larger than the " + shared.sql.most()
                        + " bytes that its consumer can receive (maxMessageSize, and a quarter of its heap)");
        if (suspects.isEmpty()) {
            return false;
        }
        if (mode.endsAtAcknowledgeAll() && held.handed().hasLocked()) {
            countInTransaction(suspects);
            transaction.convert();
            shared.wakeups.givenBack(suspects);
            return true;
        }
        if (guarded) {
            countFromTheSide(suspects, claimed);
            return true;
        }
        if (transaction.isApplications()) {
            // The application uses this transaction: the count is as durable as its outcome.
            countInTransaction(suspects);
            suspects.forEach(d -> d.state = State.DONE);
            return suspects.stream().anyMatch(d -> d.grouped); // others of their groups come after them
        }
        Pipeline pipeline = new Pipeline();
        shared.claims.requeues().add(pipeline, suspects, RequeueStatements.Kind.AS_SUSPECT, null);
        transaction.addAcknowledge(pipeline, false);
        pipeline.add(Statements.COMMIT);
        if (transaction.run(pipeline, !held.acknowledged().isEmpty())) {
            transaction.settled();
            transaction.close();
        }
        shared.wakeups.givenBack(suspects);
        return true;
    }

    private void countInTransaction(List<Delivery> suspects) throws SQLException {
        Pipeline pipeline = new Pipeline();
        shared.claims.requeues().add(pipeline, suspects, RequeueStatements.Kind.AS_SUSPECT, null);
        transaction.run(pipeline, false);
    }

    /** The transaction cannot be committed to make the count durable: lets the rows go, counts from the side. */
    private void countFromTheSide(List<Delivery> suspects, List<Delivery> claimed) throws SQLException {
        Pipeline pipeline = new Pipeline();
        transaction.current().addRollbackToClaim(pipeline);
        Set<String> free = new HashSet<>();
        shared.claims.statements().addHoldGroups(pipeline, claimed, free);
        transaction.run(pipeline, false);
        held.acknowledged().removeAll(claimed);
        // A group that somebody else has in the meantime is his to count.
        suspects.removeIf(d -> d.grouped && !free.contains(d.row().headers().group()));
        if (!suspects.isEmpty()) {
            shared.claims
                    .rolledBack()
                    .countFromSide(
                            suspects,
                            claimed.stream()
                                    .filter(d -> !d.grouped
                                            || free.contains(d.row().headers().group()))
                                    .toList());
        }
    }

    private void dropExpired(List<Delivery> expired) throws SQLException {
        List<Delivery> parked = new ArrayList<>();
        for (Delivery delivery : expired) {
            if (delivery.rules().whenExpired(delivery.row()) == null) {
                held.acknowledged().add(delivery);
            } else {
                parked.add(delivery);
            }
        }
        park(parked, RequeueStatements.Kind.AS_EXPIRED, null);
    }

    private void park(List<Delivery> deliveries, RequeueStatements.Kind kind, @Nullable String reason)
            throws SQLException {
        if (!deliveries.isEmpty()) {
            deliveries.forEach(d -> d.state = State.DONE);
            Pipeline pipeline = new Pipeline();
            shared.claims.requeues().add(pipeline, deliveries, kind, reason);
            transaction.run(pipeline, false);
        }
    }
}
