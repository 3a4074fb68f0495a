package io.sqlmq.engine.window;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.jdbc.Failures;
import io.sqlmq.engine.jdbc.Pipeline;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.NotWrittenException;
import io.sqlmq.engine.send.Writing;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a transacted session does with the transaction of its window: writes, commits, rolls back, lends it to the
 * application. Guarded by the window's lock.
 */
final class LocalTransaction {

    private static final Logger LOG = LoggerFactory.getLogger(LocalTransaction.class);

    /** As many statements travel together as the driver surely does not divide. */
    private static final int UNDIVIDED = 16;

    /**
     * For how long a connection that the application uses, too, goes from transaction to transaction: its pool closes what the
     * application has left open when it comes back.
     */
    private static final long LENT_NANOS = 1_000_000_000;

    private final Windows shared;
    private final Window window;
    private final Deliveries held;
    private final WindowTransaction transaction;
    private final Claiming claiming;
    private final ReceivePacing pace;

    LocalTransaction(
            Windows shared,
            Window window,
            Deliveries held,
            WindowTransaction transaction,
            Claiming claiming,
            ReceivePacing pace) {
        this.shared = shared;
        this.window = window;
        this.held = held;
        this.transaction = transaction;
        this.claiming = claiming;
        this.pace = pace;
    }

    /** See {@link Window#commit}. */
    void commit(List<NewMessage> messages, boolean returnsConnection) throws SQLException {
        long end =
                System.nanoTime() + shared.options.outages().connectionTimeout().toNanos();
        while (true) {
            try {
                commitOnce(messages, returnsConnection);
                return;
            } catch (NotWrittenException e) {
                if (System.nanoTime() > end) {
                    throw e.reason;
                }
            }
        }
    }

    private void commitOnce(List<NewMessage> messages, boolean returnsConnection)
            throws SQLException, NotWrittenException {
        SQLException cause = transaction.doomed();
        if (cause != null) {
            transaction.forgetDoom();
            throw new SQLException(
                    "The transaction was rolled back before the commit: " + cause.getMessage(), "40000", cause);
        }
        List<NewMessage> sends = messages;
        if (messages.stream().anyMatch(NewMessage::isSpecial)) {
            // Whether the topics are as we know them must be seen before the COMMIT is sent.
            write(messages);
            sends = List.of();
        }
        if (transaction.existing() == null && sends.isEmpty()) {
            return;
        }
        Pipeline pipeline = new Pipeline();
        Transaction current = currentForSends();
        List<Delivery> received = new ArrayList<>(held.acknowledged().all());
        received.addAll(held.handed().all());
        // Without BEGIN and COMMIT what travels together is one transaction, too, and it shows what became of it.
        boolean alone = !current.isOpen() && received.isEmpty() && sends.size() <= UNDIVIDED;
        if (!current.isOpen() && !alone) {
            transaction.begin(pipeline);
        }
        if (!received.isEmpty()) {
            held.acknowledged().add(pipeline, received, false, current);
        } else if (current.isShared()) {
            pipeline.add("SELECT 1"); // COMMIT of a failed transaction is a ROLLBACK without an error
        }
        shared.sends.writer().inserts().add(pipeline, sends);
        if (!alone) {
            pipeline.add(Statements.COMMIT);
        }
        List<NewMessage> written = new ArrayList<>(current.written());
        written.addAll(sends);
        String id = received.isEmpty() ? current.id() : received.get(0).transaction;
        pace.ended(current.isShared());
        ChannelConsumer comesBack = returnsConnection ? null : expectedBack(current);
        Claiming.Claim next = null;
        if (comesBack != null) {
            current.turns();
            next = claiming.addAlong(pipeline, comesBack);
        }
        try {
            pipeline.run(current.connection());
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, current.connection());
            transaction.abandon(e);
            transaction.forgetDoom(); // the application hears of it now
            shared.database.statementFailed(e, broken);
            if (alone && broken && Failures.endedByServer(e)) {
                throw new NotWrittenException(e);
            }
            boolean perhapsCommitted = broken || next != null; // the claim after the commit may have failed
            if (!perhapsCommitted || !shared.sends.outcomes().isCommitted(id, received, written, current.age(), e)) {
                throw e;
            }
        }
        pace.size().ended(held.handed().size());
        received.forEach(d -> d.state = Delivery.State.DONE);
        shared.claims.payloads().released(received);
        shared.claims.listeners().acknowledged(received);
        held.handed().clear();
        held.acknowledged().clear();
        if (next == null || transaction.existing() == null) {
            transaction.close();
        } else {
            held.unseen().drop();
            transaction.releasedGroups(current);
            shared.claims.signatures().free(current.takeSignaturesApart());
            current.reopened(next.isPlannerPinned(current), next.isRelaxed());
            claiming.acceptAlong(next);
        }
        pace.settled();
        shared.wakeups.committed(written);
    }

    /** Sends wait for a database that is away; what was received from it is lost then. */
    private Transaction currentForSends() throws SQLException {
        if (transaction.existing() == null) {
            shared.database.awaitReachable();
        }
        return transaction.current();
    }

    /** Whose next message is claimed along with a commit, because the application keeps coming back at once; or null. */
    private @Nullable ChannelConsumer expectedBack(Transaction current) {
        if (!pace.isEager() || !pace.expectsMore() || (current.isShared() && current.held() > LENT_NANOS)) {
            return null;
        }
        ChannelConsumer consumer = held.handed().lastConsumer();
        return consumer != null && consumer.ordered() > 0 && !consumer.isLimited() ? consumer : null;
    }

    /** See {@link Window#write}. */
    void write(List<NewMessage> sends) throws SQLException {
        window.checkOpen();
        Pipeline pipeline = new Pipeline();
        Transaction current = currentForSends();
        if (!current.isOpen()) {
            transaction.begin(pipeline);
        }
        current.addSavepoint(pipeline);
        if (current.id() == null) {
            addIdentify(pipeline, current); // what became of it can be asked for then
        }
        Writing writing = shared.sends.writer().begin(sends);
        writing.add(pipeline, current.writers());
        transaction.run(pipeline, false);
        if (!current.isOpen()) {
            current.opened(current.isSessionPinned(), false);
        }
        current.wrote(writing.written());
        writeAgain(current, writing.unwritten());
    }

    /** Publishes again what was not, because subscriptions have changed in between. */
    private void writeAgain(Transaction current, List<NewMessage> unwritten) throws SQLException {
        List<NewMessage> rest = unwritten;
        for (int round = 1; !rest.isEmpty(); round++) {
            transaction.run(shared.sends.writer().topics().look(rest, round), false);
            Writing writing = shared.sends.writer().begin(rest);
            Pipeline pipeline = new Pipeline();
            writing.add(pipeline, current.writers());
            transaction.run(pipeline, false);
            current.wrote(writing.written());
            rest = writing.unwritten();
        }
    }

    private static void addIdentify(Pipeline pipeline, Transaction current) {
        pipeline.query(Statements.TRANSACTION_ID, p -> {}, rows -> {
            rows.next();
            current.identified(rows.getString(1));
        });
    }

    /** See {@link Window#transactionId}. */
    String id() throws SQLException {
        window.checkOpen();
        Transaction current = transaction.current();
        String id = current.id();
        if (id == null) {
            Pipeline pipeline = new Pipeline();
            if (!current.isOpen()) {
                transaction.begin(pipeline);
            }
            addIdentify(pipeline, current);
            transaction.run(pipeline, false);
            if (!current.isOpen()) {
                current.opened(current.isSessionPinned(), false);
            }
            id = Objects.requireNonNull(current.id());
        }
        return id;
    }

    /** See {@link Window#rollback}. */
    void rollback(RequeueStatements.Kind kind, @Nullable String error) throws SQLException {
        transaction.forgetDoom();
        Transaction current = transaction.existing();
        if (current == null) {
            held.handed().clear();
            return;
        }
        List<Delivery> mine = held.handed().locked();
        pace.size().ended(held.handed().size());
        pace.ended(current.isShared());
        held.handed().clear();
        Pipeline pipeline = new Pipeline();
        if (current.hasSavepoint()) {
            current.addRollback(pipeline);
            // What was claimed after the savepoint is unlocked by now; an aborted lock would make it a suspect.
            List<Delivery> rest = held.unseen().all();
            if (!rest.isEmpty()) {
                shared.claims.requeues().add(pipeline, rest, RequeueStatements.Kind.RELEASED, null);
            }
        }
        if (!mine.isEmpty()) {
            shared.claims.requeues().add(pipeline, mine, kind, error);
        }
        pipeline.add(Statements.COMMIT);
        try {
            pipeline.run(current.connection());
        } catch (SQLException e) {
            boolean broken = Failures.isBroken(e, current.connection());
            transaction.abandon(e);
            transaction.forgetDoom();
            shared.database.statementFailed(e, broken);
            if (!broken) {
                throw e;
            }
            // It is rolled back all the same; the next claim sees the aborted locks and counts the deliveries.
            LOG.debug("The connection broke before the rollback", e);
            return;
        }
        mine.forEach(d -> d.state = Delivery.State.DONE);
        held.acknowledged().clear();
        transaction.close();
        shared.wakeups.givenBack(mine);
    }

    /** See {@link Window#giveBack}, {@link Window#setAside}. */
    void giveBack(Collection<Delivery> deliveries, RequeueStatements.Kind kind, @Nullable String error)
            throws SQLException {
        List<Delivery> mine = deliveries.stream()
                .filter(d -> held.handed().remove(d) != null)
                .filter(d -> d.state == Delivery.State.HANDED)
                .toList();
        if (mine.isEmpty()) {
            return;
        }
        Pipeline pipeline = new Pipeline();
        shared.claims.requeues().add(pipeline, mine, kind, error);
        transaction.run(pipeline, false);
        mine.forEach(d -> d.state = Delivery.State.DONE);
        transaction.endIfIdle();
        shared.wakeups.givenBack(mine);
    }

    /** See {@link Window#rolledBackTo}. */
    void rolledBackTo(Collection<Delivery> before) {
        for (Delivery delivery : held.handed().all()) {
            if (!before.contains(delivery)) {
                held.handed().remove(delivery);
                delivery.state = Delivery.State.LOST;
                shared.wakeups.announce(delivery.row().channel(), 0, 1);
            }
        }
        held.unseen().drop();
    }

    /** See {@link Window#connection}. */
    Connection connection() throws SQLException {
        window.checkOpen();
        Transaction current = transaction.current();
        if (!current.isShared()) {
            Pipeline pipeline = new Pipeline();
            if (!current.isOpen()) {
                transaction.begin(pipeline);
            }
            boolean begins = !current.isOpen();
            current.addPreparedForSharing(pipeline, begins ? current.isSessionPinned() : current.isPlannerPinned());
            if (!pipeline.isEmpty()) {
                transaction.run(pipeline, false);
            }
            if (begins) {
                current.opened(false, false);
            }
            current.share();
        }
        return current.connection();
    }
}
