package io.sqlmq.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.OpenTransactions;
import io.sqlmq.engine.jdbc.Outage;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.FailureRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Priorities of consumers, as long as one of them does not wait: it looks for messages, or was woken to. */
class LookingConsumerTest {

    private static final String CHANNEL = "orders";

    private final Threads threads = new Threads();
    private final Wakeups wakeups;
    private final Consumers consumers;
    private final ChannelConsumer high;
    private final ChannelConsumer usual;
    private final ChannelConsumer low;

    LookingConsumerTest() {
        EngineOptions options = EngineOptions.defaults("public");
        Statements sql = new Statements("public", options.receiving().maxBody());
        Database database =
                new Database(new NoDatabase(), new Outage(), options.outages().connectionTimeout());
        HousekeepingConnection housekeeping = new HousekeepingConnection(database);
        Recurring recurring = new Recurring(database, "public");
        Channels channels = new Channels();
        Upkeep upkeep = new Upkeep.Later();
        ConsumerProcess owner = new ConsumerProcess(database, sql, "test", upkeep);
        Looks looks = new Looks(
                database,
                housekeeping,
                recurring,
                threads,
                sql,
                channels,
                new Grace(options.leasing().time()),
                upkeep);
        QueueDiscovery discovery = new QueueDiscovery(database, recurring, threads, "public");
        Restrictions restrictions = new Restrictions(database, housekeeping, "public");
        restrictions.are(Restrictions.Known.NONE);
        Notifier notifier = new Notifier(database, recurring, threads, sql, owner);
        EngineListeners listeners = new EngineListeners();
        wakeups = new Wakeups(threads, looks, discovery, channels, notifier, restrictions, recurring, listeners);
        ListenState listenState = new ListenState(false);
        Exclusives exclusives = new Exclusives(database, "public", owner, listenState);
        Liveness liveness = new Liveness(database, sql, new TopicStatements("public"), owner, exclusives);
        consumers = new Consumers(
                database,
                threads,
                listenState,
                new NoTransactions(),
                channels,
                looks,
                wakeups,
                upkeep,
                owner,
                exclusives,
                restrictions,
                liveness,
                listeners);
        high = consumer(5);
        usual = consumer(0);
        low = consumer(-5);
    }

    @AfterEach
    void close() {
        threads.stopTimer();
        threads.close(0);
    }

    private ChannelConsumer consumer(int priority) {
        return consumers.open(CHANNEL, null, FailureRules.RETRY, 1, new ConsumerPreference(false, priority));
    }

    /** Nothing here is a statement. */
    private static final class NoDatabase implements ConnectionSource {
        @Override
        public void watchedBy(Watcher watcher) {
            // Nothing is taken.
        }

        @Override
        public Connection take() throws SQLException {
            throw new SQLException("No database");
        }

        @Override
        public Connection takeForSend() throws SQLException {
            throw new SQLException("No database");
        }

        @Override
        public Connection takeForBranch() throws SQLException {
            throw new SQLException("No database");
        }

        @Override
        public void reconnected() {}

        @Override
        public @Nullable Connection openForListen() {
            return null;
        }
    }

    private static final class NoTransactions implements OpenTransactions {
        @Override
        public int count() {
            return 0;
        }

        @Override
        public boolean hasOneOfThisThread() {
            return false;
        }

        @Override
        public boolean isCrowded() {
            return false;
        }
    }

    private static final class Waiting implements Waiter {
        private final ChannelConsumer consumer;
        private final boolean stillWaits;
        private final AtomicInteger woken = new AtomicInteger();

        Waiting(ChannelConsumer consumer, boolean stillWaits) {
            this.consumer = consumer;
            this.stillWaits = stillWaits;
        }

        @Override
        public ChannelConsumer consumer() {
            return consumer;
        }

        @Override
        public boolean wake() {
            woken.incrementAndGet();
            return stillWaits;
        }
    }

    private static Waiting waits(ChannelConsumer consumer, boolean stillWaits) {
        Waiting waiting = new Waiting(consumer, stillWaits);
        await().until(() -> consumer.state().waiters().add(consumer.mark(), waiting));
        return waiting;
    }

    /** A look counts for a short time only, so that a slow machine may need more than one attempt. */
    private static void eventually(Callable<Boolean> holds) {
        await().until(holds);
    }

    @Test
    void messagesAreForTheOneThatLooksUntilItHasOne() throws SQLException {
        eventually(() -> {
            usual.mark();
            return !low.mayTake(null) && usual.mayTake(null) && high.mayTake(null);
        });
        usual.looks(false);
        assertThat(low.mayTake(null)).isTrue();
    }

    @Test
    void messagesAreForTheOneThatWasWokenByThem() {
        eventually(() -> {
            Waiting waiting = waits(high, true);
            wakeups.signal(CHANNEL, 1);
            return waiting.woken.get() == 1 && !low.mayTake(null) && !usual.mayTake(null);
        });
    }

    @Test
    void oneOfLowerPriorityThatIsFasterWakesTheOneThatWaitsAndLeavesThemToIt() {
        eventually(() -> {
            Waiting waiting = waits(high, true);
            return !low.mayTake(null) && waiting.woken.get() == 1 && !low.mayTake(null) && waiting.woken.get() == 1;
        });
    }

    @Test
    void whoDoesNotWaitAnyMoreKeepsNothingFromOthers() throws SQLException {
        Waiting over = waits(high, false);
        assertThat(low.mayTake(null)).isTrue();
        assertThat(over.woken).hasValue(1);
    }

    @Test
    void aConsumerThatIsClosedKeepsNothingFromOthers() throws SQLException {
        high.mark();
        high.close();
        assertThat(low.mayTake(null)).isTrue();
    }

    /** It may have failed, for example. */
    @Test
    void whoLeftMessagesToOneThatDoesNotComeIsWokenForThem() throws SQLException {
        long[] mark = new long[1];
        eventually(() -> {
            high.mark();
            mark[0] = low.mark();
            return !low.mayTake(null);
        });
        await().until(() -> low.mark() != mark[0]);
        assertThat(low.mayTake(null)).isTrue();
    }

    @Test
    void itMakesNoDifferenceAmongEquals() throws SQLException {
        ChannelConsumer other = consumer(-5);
        other.mark();
        assertThat(low.mayTake(null)).isTrue();
    }
}
