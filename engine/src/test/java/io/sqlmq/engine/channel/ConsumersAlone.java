package io.sqlmq.engine.channel;

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
import org.jspecify.annotations.Nullable;

/** Consumers, and what wakes them, where nothing is a statement. */
final class ConsumersAlone implements AutoCloseable {

    final Wakeups wakeups;

    private final Threads threads = new Threads();
    private final Consumers consumers;

    ConsumersAlone() {
        EngineOptions options = EngineOptions.defaults("public");
        Statements sql = new Statements("public", options.receiving().maxBody());
        Database database =
                new Database(new NoDatabase(), new Outage(), options.outages().connectionTimeout());
        HousekeepingConnection housekeeping = new HousekeepingConnection(database);
        Recurring recurring = new Recurring(database, "public");
        Channels channels = new Channels();
        Upkeep upkeep = new NoUpkeep();
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
    }

    ChannelConsumer consumer(String channel, int priority) {
        return consumers.open(channel, null, FailureRules.RETRY, 1, new ConsumerPreference(false, priority));
    }

    @Override
    public void close() {
        threads.stopTimer();
        threads.close(0);
    }

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

    private static final class NoUpkeep implements Upkeep {
        @Override
        public void start() {}

        @Override
        public void alive() {}

        @Override
        public void leasing() {}

        @Override
        public void waiting(Channel channel) {}

        @Override
        public void moved() {}

        @Override
        public void branchEnded() {}

        @Override
        public void renewLeases() {}

        @Override
        public void listening(boolean now) {}
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
}
