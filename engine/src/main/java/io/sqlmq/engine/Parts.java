package io.sqlmq.engine;

import io.sqlmq.engine.channel.Channels;
import io.sqlmq.engine.channel.ConsumerProcess;
import io.sqlmq.engine.channel.Consumers;
import io.sqlmq.engine.channel.Exclusives;
import io.sqlmq.engine.channel.Grace;
import io.sqlmq.engine.channel.Listening;
import io.sqlmq.engine.channel.Liveness;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.channel.Notifier;
import io.sqlmq.engine.channel.QueueDiscovery;
import io.sqlmq.engine.channel.Restrictions;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.claim.ClaimParts;
import io.sqlmq.engine.claim.ClaimStatements;
import io.sqlmq.engine.claim.Floors;
import io.sqlmq.engine.claim.HeldLeases;
import io.sqlmq.engine.claim.KnownFailures;
import io.sqlmq.engine.claim.LapsedLeases;
import io.sqlmq.engine.claim.LeaseExtension;
import io.sqlmq.engine.claim.Leases;
import io.sqlmq.engine.claim.LimitSlots;
import io.sqlmq.engine.claim.Payloads;
import io.sqlmq.engine.claim.PendingAcks;
import io.sqlmq.engine.claim.ReadyClaimStatements;
import io.sqlmq.engine.claim.RequeueStatements;
import io.sqlmq.engine.claim.RolledBack;
import io.sqlmq.engine.claim.Signatures;
import io.sqlmq.engine.jdbc.ConnectionSource;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.GatedSource;
import io.sqlmq.engine.jdbc.HousekeepingConnection;
import io.sqlmq.engine.jdbc.ListenState;
import io.sqlmq.engine.jdbc.Outage;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Silence;
import io.sqlmq.engine.jdbc.Statements;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.jdbc.TopicStatements;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.EngineOptions;
import io.sqlmq.engine.model.SubscriptionMatcher;
import io.sqlmq.engine.model.Traffic;
import io.sqlmq.engine.schedule.Schedules;
import io.sqlmq.engine.send.BatchWriter;
import io.sqlmq.engine.send.CommitOutcomeResolver;
import io.sqlmq.engine.send.Deduplicating;
import io.sqlmq.engine.send.GroupCommit;
import io.sqlmq.engine.send.InsertStatements;
import io.sqlmq.engine.send.JoinedSending;
import io.sqlmq.engine.send.MessageWriter;
import io.sqlmq.engine.send.PublishStatements;
import io.sqlmq.engine.send.QueueDepths;
import io.sqlmq.engine.send.ScheduleStatements;
import io.sqlmq.engine.send.SendParts;
import io.sqlmq.engine.send.SenderIdentity;
import io.sqlmq.engine.send.Topics;
import io.sqlmq.engine.topic.ClientIdentifiers;
import io.sqlmq.engine.topic.DestinationRegistry;
import io.sqlmq.engine.topic.Subscriptions;
import io.sqlmq.engine.upkeep.ChoreRounds;
import io.sqlmq.engine.upkeep.Chores;
import io.sqlmq.engine.upkeep.Chores.Chore;
import io.sqlmq.engine.upkeep.DeadProcesses;
import io.sqlmq.engine.upkeep.FloorRaising;
import io.sqlmq.engine.upkeep.LeaseRenewal;
import io.sqlmq.engine.upkeep.Maintenance;
import io.sqlmq.engine.upkeep.Reconnecting;
import io.sqlmq.engine.upkeep.Registrations;
import io.sqlmq.engine.upkeep.SafetyPoll;
import io.sqlmq.engine.upkeep.SlotHolders;
import io.sqlmq.engine.upkeep.Sweeps;
import io.sqlmq.engine.upkeep.Temporaries;
import io.sqlmq.engine.upkeep.Timetable;
import io.sqlmq.engine.upkeep.TrafficReport;
import io.sqlmq.engine.window.JoinedReceiving;
import io.sqlmq.engine.window.OpenWindows;
import io.sqlmq.engine.window.Windows;
import io.sqlmq.engine.xa.Branches;
import io.sqlmq.engine.xa.PreparedBranches;
import java.time.Duration;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The parts of an engine, made from the bottom up: each is given what it uses, and nothing is given away before it is complete.
 * What stands above is heard of by listeners only ({@link Upkeep}, {@link Database#whenLost}, {@link Wakeups#schedules}).
 */
final class Parts {

    final Threads threads = new Threads();
    final Database database;
    final Statements sql;
    final Silence silence;
    final HousekeepingConnection housekeeping;
    final Recurring recurring;
    final ConsumerProcess owner;
    final Notifier notifier;
    final Channels channels = new Channels();
    final QueueDiscovery queueDiscovery;
    final Wakeups wakeups;
    final Listening listening;
    final Outage outage = new Outage();
    final Consumers consumers;
    final KnownFailures knownFailures = new KnownFailures();
    final RolledBack rolledBack;
    final PendingAcks pendingAcks;
    final JoinedSending joinedSending;
    final GroupCommit sends;
    /** Messages with identifiers: writing one may have to wait for another's transaction, which must not stop the rest. */
    final GroupCommit identifiedSends;

    final Deduplicating deduplicating;
    final QueueDepths queueDepths;
    final SenderIdentity senderIdentity;
    final Subscriptions subscriptions;
    final ClientIdentifiers clientIdentifiers;
    final DestinationRegistry destinations;
    final Windows windows;
    final JoinedReceiving joinedReceiving;
    final Schedules schedules;
    final PreparedBranches preparedBranches;
    final Branches branches;
    final Temporaries temporaries;
    final Reconnecting reconnecting;
    final OpenWindows openWindows;
    final TrafficReport trafficReport;
    final HeldLeases held = new HeldLeases();

    Parts(
            EngineOptions options,
            ConnectionSource source,
            SubscriptionMatcher audiences,
            EngineListeners listeners,
            Traffic traffic) {
        Duration patience = options.outages().connectionTimeout();

        // The database
        openWindows = new OpenWindows(threads);
        database = new Database(new GatedSource(source, outage, openWindows, patience), outage, patience);
        sql = new Statements(options.schema(), options.receiving().maxBody());
        String schema = sql.schema();
        TopicStatements topicSql = new TopicStatements(schema);
        ListenState listenState = new ListenState(options.listen());
        silence = new Silence(
                database, listenState, threads, source, options.outages().hostTimeout());
        source.watchedBy(silence::watch);
        housekeeping = new HousekeepingConnection(database);
        recurring = new Recurring(database, options.schema());

        // Channels
        Upkeep.Later upkeep = new Upkeep.Later();
        Grace grace = new Grace(options.leasing().time());
        owner = new ConsumerProcess(database, sql, options.description(), upkeep);
        notifier = new Notifier(database, recurring, threads, sql, owner);
        Looks looks = new Looks(database, housekeeping, recurring, threads, sql, channels, grace, upkeep);
        Restrictions restrictions = new Restrictions(database, housekeeping, schema);
        queueDiscovery = new QueueDiscovery(database, recurring, threads, schema);
        wakeups = new Wakeups(threads, looks, queueDiscovery, channels, notifier, restrictions, recurring, listeners);
        listening = new Listening(database, sql, owner, silence, wakeups, listenState, upkeep);
        Exclusives exclusives = new Exclusives(database, schema, owner, listenState);
        Liveness liveness = new Liveness(database, sql, topicSql, owner, exclusives);
        consumers = new Consumers(
                database,
                threads,
                listenState,
                openWindows,
                channels,
                looks,
                wakeups,
                upkeep,
                owner,
                exclusives,
                restrictions,
                liveness,
                listeners);

        // Claims, and how they end
        RequeueStatements requeues = new RequeueStatements(sql, knownFailures, listeners);
        Signatures signatures = new Signatures(database, housekeeping, recurring, threads, sql, owner);
        Payloads payloads = new Payloads(database, recurring, threads, topicSql);
        pendingAcks = new PendingAcks(database, sql, threads, owner, held, requeues, payloads, wakeups, listeners);
        Leases leases =
                new Leases(database, sql, options, wakeups, upkeep, owner, held, pendingAcks, payloads, listeners);
        LeaseExtension leaseExtension = new LeaseExtension(
                database, housekeeping, sql, options.leasing().time(), wakeups, owner, grace, held);
        LapsedLeases lapsed = new LapsedLeases(threads, channels, looks, owner, grace);
        ReadyClaimStatements ready = new ReadyClaimStatements(schema, sql.most());
        rolledBack = new RolledBack(database, sql, requeues, wakeups);
        ClaimParts claims = new ClaimParts(
                new ClaimStatements(sql, ready, lapsed),
                ready,
                new LimitSlots(schema),
                signatures,
                leases,
                requeues,
                pendingAcks,
                rolledBack,
                knownFailures,
                payloads,
                listeners);
        Floors floors = new Floors(database, sql, wakeups);

        // Sends
        Topics topics = new Topics(topicSql);
        deduplicating = new Deduplicating(schema);
        ScheduleStatements scheduleSql = new ScheduleStatements(schema);
        MessageWriter writer = new MessageWriter(
                new InsertStatements(sql), topics, new PublishStatements(topicSql), scheduleSql, deduplicating);
        SendParts sending = new SendParts(writer, new CommitOutcomeResolver(database, sql, deduplicating));
        BatchWriter batches = new BatchWriter(database, patience, topics, sending, wakeups);
        sends = new GroupCommit(threads, batches, listeners);
        identifiedSends = new GroupCommit(threads, batches, listeners);
        joinedSending = new JoinedSending(sql, silence, writer, options.notifyJoined(), listeners);
        queueDepths = new QueueDepths(database, schema);
        senderIdentity = new SenderIdentity(database);

        // Names
        subscriptions = new Subscriptions(database, recurring, threads, topicSql, owner, liveness, upkeep);
        clientIdentifiers = new ClientIdentifiers(database, topicSql, owner, liveness, upkeep);
        destinations = new DestinationRegistry(database, schema, topicSql);

        // Transactions
        windows = new Windows(
                options, database, threads, sql, owner, wakeups, upkeep, grace, claims, sending, openWindows);
        joinedReceiving = new JoinedReceiving(windows);
        preparedBranches = new PreparedBranches(database, options.schema(), wakeups, upkeep);
        branches = new Branches(
                options.receiving().transactionTimeout(),
                database,
                threads,
                wakeups,
                claims,
                sending,
                joinedReceiving,
                preparedBranches);

        // What happens by itself
        trafficReport = new TrafficReport(database, recurring, threads, sql, traffic);
        schedules = new Schedules(
                database, housekeeping, recurring, threads, options.schema(), scheduleSql, writer, wakeups, audiences);
        wakeups.schedules(schedules);
        LeaseRenewal renewal = new LeaseRenewal(
                threads, recurring, leaseExtension, options.leasing().time());
        FloorRaising floorRaising = new FloorRaising(threads, recurring, floors, channels, wakeups);
        Registrations registrations = new Registrations(
                housekeeping, recurring, threads, sql, listenState, owner, channels, looks, signatures, schedules);
        temporaries = new Temporaries(database, housekeeping, threads, sql, channels, owner);
        DeadProcesses deadProcesses = new DeadProcesses(housekeeping, sql, owner, looks);
        SlotHolders slotHolders = new SlotHolders(housekeeping, sql, channels);
        Sweeps sweeps = new Sweeps(housekeeping, sql, options.expired(), listeners);
        Chores chores = new Chores(
                List.of(
                        new Chore("the check of what this process has registered", registrations::verify),
                        new Chore(Wakeups.LOOK_FOR_RESTRICTIONS, wakeups::lookForRestrictions),
                        new Chore("the check of consumers of subscriptions", subscriptions::checkMine),
                        new Chore("the check of client identifiers", clientIdentifiers::checkMine),
                        new Chore(Signatures.SETTLE, signatures::settle),
                        new Chore(
                                "the look for processes that died with messages under lease", deadProcesses::endLeases),
                        new Chore("the sweep of temporary destinations", temporaries::sweep)),
                List.of(
                        new Chore(Registrations.HEARTBEAT, () -> owner.renew(listenState.isListening())),
                        new Chore(Wakeups.LOOK_FOR_RESTRICTIONS, wakeups::lookForRestrictions),
                        new Chore("leaving subscriptions", subscriptions::retry),
                        new Chore("giving client identifiers back", clientIdentifiers::retry),
                        new Chore("giving exclusive queues back", exclusives::retry),
                        new Chore("the sweep of what dead processes have registered", liveness::sweep),
                        new Chore(Subscriptions.SWEEP_GONE, subscriptions::sweepGone),
                        new Chore("the sweep of shared bodies", payloads::sweep),
                        new Chore("the sweep of dead processes", sweeps::owners),
                        new Chore("the sweep of signatures", sweeps::signatures),
                        new Chore("unregistering where nobody waits any more", registrations::dropUnused),
                        new Chore(
                                "the sweep of identifiers against duplicates",
                                () -> deduplicating.sweep(housekeeping))),
                List.of(
                        new Chore("the look for who holds slots of groups", slotHolders::look),
                        new Chore("the sweep of failed attempts", sweeps::attempts),
                        new Chore("the sweep of completed jobs", sweeps::completed)));
        Timetable timetable = new Timetable(
                threads,
                recurring,
                listenState,
                schedules,
                new SafetyPoll(looks, channels, grace, renewal, listenState, wakeups),
                floorRaising,
                renewal,
                sweeps,
                new ChoreRounds(database, threads, recurring, listenState, schedules, registrations, chores));
        upkeep.is(new Maintenance(
                database, listenState, listening, looks, registrations, wakeups, floorRaising, renewal, timetable));
        reconnecting = new Reconnecting(
                source,
                outage,
                options.outages().reconnectGrace(),
                LoggerFactory.getLogger(Engine.class),
                housekeeping,
                threads,
                silence,
                listenState,
                grace,
                leaseExtension,
                renewal,
                pendingAcks,
                wakeups,
                listeners);
        database.whenLost(e -> {
            floorRaising.forget();
            reconnecting.lost(e);
        });
    }
}
