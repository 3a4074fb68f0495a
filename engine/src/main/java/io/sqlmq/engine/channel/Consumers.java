package io.sqlmq.engine.channel;

import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.OpenTransactions;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.ConsumerPreference;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.FailureRules;
import io.sqlmq.engine.model.Selection;
import org.jspecify.annotations.Nullable;

/** Makes consumers of channels, and has what they use. Thread-safe. */
public final class Consumers {

    final Database database;
    final Threads threads;
    final ListenState listenState;
    final OpenTransactions transactions;
    final Channels channels;
    final Looks looks;
    final Wakeups wakeups;
    final Upkeep upkeep;
    final ConsumerProcess owner;
    final Exclusives exclusives;
    final Restrictions restrictions;
    final Liveness liveness;
    final EngineListeners listeners;

    public Consumers(
            Database database,
            Threads threads,
            ListenState listenState,
            OpenTransactions transactions,
            Channels channels,
            Looks looks,
            Wakeups wakeups,
            Upkeep upkeep,
            ConsumerProcess owner,
            Exclusives exclusives,
            Restrictions restrictions,
            Liveness liveness,
            EngineListeners listeners) {
        this.database = database;
        this.threads = threads;
        this.listenState = listenState;
        this.transactions = transactions;
        this.channels = channels;
        this.looks = looks;
        this.wakeups = wakeups;
        this.upkeep = upkeep;
        this.owner = owner;
        this.exclusives = exclusives;
        this.restrictions = restrictions;
        this.liveness = liveness;
        this.listeners = listeners;
    }

    /**
     * Registers a consumer. No SQL.
     *
     * @param selection which messages it wants, or null for all
     * @param maxClaim the most messages that are claimed for it at once
     */
    public ChannelConsumer open(
            String name,
            @Nullable Selection selection,
            FailureRules rules,
            int maxClaim,
            ConsumerPreference preference) {
        return channels.open(name, channel -> {
            ChannelConsumer consumer =
                    new ChannelConsumer(this, channel.cursors().use(selection), rules, maxClaim, preference);
            channel.standsOut(consumer, exclusive -> new ExclusiveChannel(this, exclusive));
            return consumer;
        });
    }
}
