package io.sqlmq.engine;

import io.sqlmq.engine.Delivery.State;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a non-transacted session acknowledges what was handed over, or gives it back (recover, a listener's exception).
 * Guarded by the window's lock.
 */
final class Acknowledging {

    private final Engine engine;
    private final Window.Mode mode;
    private final Deliveries held;
    private final WindowTransaction transaction;
    private final Claiming claiming;
    private final Pace pace;

    Acknowledging(
            Engine engine,
            Window.Mode mode,
            Deliveries held,
            WindowTransaction transaction,
            Claiming claiming,
            Pace pace) {
        this.engine = engine;
        this.mode = mode;
        this.held = held;
        this.transaction = transaction;
        this.claiming = claiming;
        this.pace = pace;
    }

    /** See {@link Window#acknowledge}. */
    void acknowledge(Delivery delivery) throws SQLException {
        if (!held.handed().remove(delivery)) {
            return;
        }
        pace.worked();
        switch (delivery.state) {
            case HANDED -> {
                held.acknowledged().add(delivery);
                if (mode.isDue(pace, held.unseen())) {
                    settle();
                }
            }
            case LEASED -> acknowledgeLeased(delivery);
            case LOST -> engine.repair().acknowledge(List.of(delivery));
            default -> {}
        }
    }

    private void acknowledgeLeased(Delivery delivery) throws SQLException {
        try {
            engine.leases().acknowledge(List.of(delivery));
        } finally {
            if (delivery.state == State.LEASED) {
                held.handed().add(delivery); // refused: it can be acknowledged again, or given back
            }
        }
    }

    /** Writes what is acknowledged, claiming along when the application is expected back at once. */
    private void settle() throws SQLException {
        Delivery last = held.acknowledged().last();
        boolean claimAlong = mode.claimsAlong(pace, last);
        ChannelConsumer consumer = last.consumer;
        if (claimAlong && consumer != null && consumer.ordered() > 0) {
            claiming.fill(consumer, true);
            transaction.endIfIdle();
        } else {
            transaction.end(engine.options().asyncAck());
        }
        pace.settled();
    }

    /** See {@link Window#flush}. */
    void flush() throws SQLException {
        if (mode.groupsAcknowledgements() && !held.acknowledged().isEmpty()) {
            transaction.end(engine.options().asyncAck());
        }
    }

    /** See {@link Window#acknowledgeAll}. */
    void acknowledgeAll() throws SQLException {
        List<Delivery> locked = new ArrayList<>();
        List<Delivery> leased = new ArrayList<>();
        List<Delivery> lost = new ArrayList<>();
        for (Delivery delivery : held.handed().all()) {
            switch (delivery.state) {
                case HANDED -> locked.add(delivery);
                case LEASED -> leased.add(delivery);
                default -> lost.add(delivery);
            }
        }
        pace.size().ended(held.handed().size());
        held.handed().clear();
        locked.forEach(held.acknowledged()::add);
        transaction.end(engine.options().asyncAck());
        if (!lost.isEmpty()) {
            engine.repair().acknowledge(lost);
        }
        if (!leased.isEmpty()) {
            try {
                engine.leases().acknowledge(leased);
            } finally {
                leased.stream().filter(d -> d.state == State.LEASED).forEach(held.handed()::add);
            }
        }
    }

    /** See {@link Window#giveBack}. */
    void giveBack(Collection<Delivery> deliveries, GiveBacks.Kind kind, @Nullable String error) throws SQLException {
        List<Delivery> mine = deliveries.stream()
                .filter(held.handed()::remove)
                .filter(d -> d.state == State.HANDED || d.state == State.LEASED)
                .toList();
        boolean leasedOnly = mine.stream().allMatch(d -> d.state == State.LEASED);
        if (leasedOnly && !mine.isEmpty()) {
            if (mine.stream().anyMatch(d -> d.grouped)) {
                claiming.letGo(); // the rest of the group comes after them
            }
            engine.leases().giveBack(mine, kind, error);
        } else if (!mine.isEmpty()) {
            giveBackLocked(mine, kind, error);
        }
        engine.wakeups().givenBack(mine);
    }

    /** Gives back with the window's transaction, which holds at least one of them by a lock. */
    private void giveBackLocked(List<Delivery> mine, GiveBacks.Kind kind, @Nullable String error) throws SQLException {
        Pipeline pipeline = new Pipeline();
        transaction.addAcknowledge(pipeline, false);
        int[] busy = engine.giveBacks()
                .add(pipeline, mine, kind, error, engine.owner().idIfKnown());
        // What is still handed over (CLIENT) would lose its lock with this commit.
        List<Delivery> keep = held.handed().locked();
        if (!keep.isEmpty()) {
            engine.leases().add(pipeline, keep);
        }
        pipeline.add(Sql.COMMIT);
        if (transaction.run(pipeline, !held.acknowledged().isEmpty(), keep)) {
            engine.leases().taken(keep);
            transaction.settled();
            transaction.close();
            List<Delivery> leased =
                    mine.stream().filter(d -> d.state == State.LEASED).toList();
            if (busy[0] > 0) {
                engine.leases().giveBackLater(leased, kind, error);
            } else {
                engine.leases().ended(leased);
            }
            HandedOver.locked(mine).forEach(d -> d.state = State.DONE);
        }
    }
}
