package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.Delivery.State;
import io.sqlmq.engine.model.LeaseLostException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a non-transacted session acknowledges what was handed over, or gives it back (recover, a listener's exception).
 * Guarded by the window's lock.
 */
final class Acknowledging {

    private final Windows shared;
    private final Window.Mode mode;
    private final Deliveries held;
    private final WindowTransaction transaction;
    private final Claiming claiming;
    private final ReceivePacing pace;

    Acknowledging(
            Windows shared,
            Window.Mode mode,
            Deliveries held,
            WindowTransaction transaction,
            Claiming claiming,
            ReceivePacing pace) {
        this.shared = shared;
        this.mode = mode;
        this.held = held;
        this.transaction = transaction;
        this.claiming = claiming;
        this.pace = pace;
    }

    /** See {@link Window#acknowledge}. */
    void acknowledge(Delivery delivery) throws SQLException {
        ChannelConsumer consumer = held.handed().remove(delivery);
        if (consumer == null) {
            return;
        }
        pace.worked();
        switch (delivery.state) {
            case HANDED -> {
                held.acknowledged().add(delivery);
                if (mode.isDue(pace, held.unseen())) {
                    settle(consumer);
                }
            }
            case LEASED -> acknowledgeLeased(delivery, consumer);
            case LOST -> shared.claims.pendingAcks().settle(List.of(delivery));
            default -> {}
        }
    }

    private void acknowledgeLeased(Delivery delivery, ChannelConsumer consumer) throws SQLException {
        try {
            shared.claims.leases().acknowledge(List.of(delivery));
        } catch (LeaseLostException e) {
            throw e;
        } catch (SQLException e) {
            if (mode.acknowledgesByItself()) {
                shared.claims.leases().settleLater(List.of(delivery));
            } else {
                held.handed().add(delivery, consumer); // it can be acknowledged again, or given back
            }
            throw e;
        }
    }

    /** Writes what is acknowledged, claiming along when the application is expected back at once. */
    private void settle(ChannelConsumer consumer) throws SQLException {
        if (mode.claimsAlong(pace, held.acknowledged().last())
                && consumer.ordered() > 0
                && !consumer.knownEmpty()
                && !consumer.isLimited()) {
            claiming.fill(consumer, true);
            transaction.endIfIdle();
        } else {
            transaction.end(shared.options.receiving().asyncAck());
        }
        pace.settled();
    }

    /** See {@link Window#flush}. */
    void flush() throws SQLException {
        if (mode.groupsAcknowledgements() && !held.acknowledged().isEmpty()) {
            transaction.end(shared.options.receiving().asyncAck());
        }
    }

    /** See {@link Window#acknowledgeAll}. */
    void acknowledgeAll() throws SQLException {
        Map<Delivery, ChannelConsumer> byDelivery = held.handed().byDelivery();
        List<Delivery> all = held.handed().all();
        List<Delivery> leased = held.handed().leased();
        List<Delivery> lost = all.stream().filter(d -> d.state == State.LOST).toList();
        pace.size().ended(all.size());
        held.handed().clear();
        HandedOver.locked(all).forEach(held.acknowledged()::add);
        try {
            transaction.end(shared.options.receiving().asyncAck());
        } catch (SQLException e) {
            held.handed().addAll(byDelivery); // they can be acknowledged again, or given back
            throw e;
        }
        shared.claims.pendingAcks().settle(lost);
        if (!leased.isEmpty()) {
            try {
                shared.claims.leases().acknowledge(leased);
            } finally {
                leased.stream()
                        .filter(d -> d.state == State.LEASED)
                        .forEach(d -> held.handed().add(d, byDelivery.get(d)));
            }
        }
    }

    /** See {@link Window#giveBack}. */
    void giveBack(Collection<Delivery> deliveries, RequeueStatements.Kind kind, @Nullable String error)
            throws SQLException {
        List<Delivery> mine =
                deliveries.stream().filter(d -> held.handed().remove(d) != null).toList();
        List<Delivery> locked = HandedOver.locked(mine);
        List<Delivery> leased =
                mine.stream().filter(d -> d.state == State.LEASED).toList();
        if (!locked.isEmpty()) {
            giveBackLocked(locked, leased, kind, error);
            return;
        }
        if (leased.stream().anyMatch(d -> d.grouped)) {
            claiming.letGo(); // the rest of the group comes after them
        }
        shared.claims.leases().giveBack(leased, kind, error);
    }

    /** Gives back with the window's transaction, which holds some of them by a lock. */
    private void giveBackLocked(
            List<Delivery> locked, List<Delivery> leased, RequeueStatements.Kind kind, @Nullable String error)
            throws SQLException {
        List<Delivery> mine = new ArrayList<>(locked);
        mine.addAll(leased);
        Pipeline pipeline = new Pipeline();
        transaction.addAcknowledge(pipeline, false);
        int[] busy = shared.claims.requeues().add(pipeline, mine, kind, error, shared.owner.idIfKnown());
        // What is still handed over (CLIENT) would lose its lock with this commit.
        List<Delivery> keep = held.handed().locked();
        if (!keep.isEmpty()) {
            shared.claims.leases().add(pipeline, keep);
        }
        pipeline.add(Statements.COMMIT);
        boolean done = false;
        try {
            if (transaction.run(pipeline, !held.acknowledged().isEmpty(), keep)) {
                shared.claims.leases().taken(keep);
                transaction.settled();
                transaction.close();
                done = busy[0] == 0;
            }
        } finally {
            if (done) {
                shared.claims.leases().forget(leased);
            } else {
                shared.claims.leases().giveBack(leased, kind, error);
            }
            locked.forEach(d -> d.state = State.DONE);
            shared.wakeups.givenBack(mine);
        }
    }
}
