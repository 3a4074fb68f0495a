package io.sqlmq.engine.channel;

import io.sqlmq.engine.channel.Notifier.Polled;
import io.sqlmq.engine.jdbc.Recurring;
import io.sqlmq.engine.jdbc.Threads;
import io.sqlmq.engine.model.Delivery;
import io.sqlmq.engine.model.EngineListeners;
import io.sqlmq.engine.model.NewMessage;
import io.sqlmq.engine.model.Schedule;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is to be woken, in this process and in others, by what has become of messages. Thread-safe. */
public final class Wakeups {

    /** See {@link Recurring}. */
    public static final String LOOK_FOR_RESTRICTIONS = "the look at which queues are paused or limited";

    private final Threads threads;
    private final Looks looks;
    private final QueueDiscovery queueDiscovery;
    private final Channels channels;
    private final Notifier notifier;
    private final Restrictions restrictions;
    private final Recurring recurring;
    private final EngineListeners listeners;
    private volatile Scheduled schedules = Scheduled.NONE;

    public Wakeups(
            Threads threads,
            Looks looks,
            QueueDiscovery queueDiscovery,
            Channels channels,
            Notifier notifier,
            Restrictions restrictions,
            Recurring recurring,
            EngineListeners listeners) {
        this.threads = threads;
        this.looks = looks;
        this.queueDiscovery = queueDiscovery;
        this.channels = channels;
        this.notifier = notifier;
        this.restrictions = restrictions;
        this.recurring = recurring;
        this.listeners = listeners;
    }

    /** Hears of schedules, which are woken for like channels. */
    public interface Scheduled {

        /** Hears nothing. */
        Scheduled NONE = new Scheduled() {
            @Override
            public void added(long dueMillis) {}

            @Override
            public void heard(long dueMillis) {}

            @Override
            public void look() {}
        };

        /** This process has committed a schedule that is due in so many milliseconds. */
        void added(long dueMillis);

        /** Another process has. */
        void heard(long dueMillis);

        /** There may be one. */
        void look();
    }

    /** Who hears of schedules; set before there are any. */
    public void schedules(Scheduled listener) {
        schedules = listener;
    }

    /**
     * NOTIFY from another process.
     *
     * @param dueMillis in how many milliseconds a message is due, about; {@link Notifier#LATER} when that cannot be told
     */
    void heard(String channel, long dueMillis) {
        if (channel.equals(Schedule.CHANNEL)) {
            schedules.heard(dueMillis);
        }
        if (channel.equals(Restrictions.CHANNEL)) {
            restrictionsChanged();
        }
        Ready ready = Ready.heard(dueMillis);
        if (ready != null) {
            looks.wakeFor(channel, ready);
        } else if (dueMillis == 0) {
            looks.wakeIn(channel, 0);
        } else {
            looks.lookIn(channel, (double) dueMillis);
        }
    }

    public void signal(String name, int messages) {
        Channel channel = channels.known(name);
        if (channel != null) {
            channel.waiters().signal(messages, threads.workers());
        }
    }

    /** Messages are committed: wakes who waits for them, here and elsewhere. */
    public void committed(List<NewMessage> messages) {
        listeners.sent(messages);
        for (NewMessage message : messages) {
            Channel channel = message.headers().group() == null ? null : channels.known(message.channel());
            if (channel != null) {
                channel.sawGroups();
            }
        }
        Map<String, Ready> ready = new HashMap<>();
        Set<String> grouped = new HashSet<>();
        Map<String, Polled> jobs = new HashMap<>();
        for (NewMessage message : messages) {
            Polled polled = message.job() == null ? Polled.NO : Polled.YES;
            if (message.delay() > 0 || message.schedule() != null) {
                announce(message.wakes(), message.remainingDelay(), 1, polled);
            } else {
                ready.computeIfAbsent(message.channel(), channel -> new Ready())
                        .add(message.id(), !message.persistent());
                jobs.merge(message.channel(), polled, Polled::or);
                if (message.headers().group() != null) {
                    grouped.add(message.channel());
                }
            }
        }
        ready.forEach((name, messagesOfIt) -> {
            queueDiscovery.written(name);
            Channel channel = channels.known(name);
            if (channel != null) {
                channel.waiters().signal(messagesOfIt, threads.workers());
            }
            Polled polled = jobs.getOrDefault(name, Polled.NO);
            if (grouped.contains(name)) {
                notifier.post(name, 0, polled); // nobody elsewhere knows that there are groups now
            } else {
                notifier.post(name, messagesOfIt, polled);
            }
        });
    }

    /** Messages were given back. */
    public void givenBack(List<Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            String parked = delivery.parkedIn;
            Channel channel = channels.known(delivery.row().channel());
            if (channel != null) {
                channel.lookEverywhere();
            }
            if (restrictions.isLimited(delivery.row().channel())) {
                groupsReleased(delivery.row().channel()); // its slot is free, whenever it comes again
            }
            if (parked != null) {
                announce(parked, 0, 1);
            } else {
                announce(delivery.row().channel(), delivery.dueMillis, 1);
            }
        }
    }

    /**
     * Ready messages are free that were claimed and not handed over, nobody knows how many.
     *
     * @param logged whether some are in that table
     * @param unlogged the same
     */
    public void freed(String name, boolean logged, boolean unlogged) {
        Ready some = new Ready(logged ? null : List.of(), unlogged ? null : List.of());
        Channel channel = channels.known(name);
        if (channel != null) {
            channel.waiters().signal(some, threads.workers());
        }
        notifier.post(name, some, Polled.PERHAPS);
    }

    /** Messages of the channel are due at once, nobody knows how many. */
    public void letGo(String name) {
        Channel channel = channels.known(name);
        if (channel != null) {
            channel.lookEverywhere();
        }
        groupsReleased(name);
    }

    /** Groups or slots of the channel are free for others: nobody knows for how many messages. */
    public void groupsReleased(String name) {
        Channel channel = channels.known(name);
        if (channel != null) {
            channel.waiters().signalUnknown(threads.workers());
        }
        notifier.post(name, 0, Polled.PERHAPS);
    }

    /** These messages are acknowledged, outside of a window. */
    public void groupsReleased(Collection<Delivery> deliveries) {
        deliveries.stream()
                .filter(d -> d.grouped || restrictions.isLimited(d.row().channel()))
                .map(d -> d.row().channel())
                .distinct()
                .forEach(this::groupsReleased);
    }

    /** Looks which channels are paused or limited, and wakes who waits for those that are less so than before. */
    public void lookForRestrictions() throws SQLException {
        for (String name : restrictions.look()) {
            Channel channel = channels.known(name);
            if (channel != null) {
                channel.forgetLooks();
                looks.want(channel);
            }
        }
    }

    /** As {@link #lookForRestrictions}, soon and by another thread: they may be others than this process knows. */
    public void restrictionsChanged() {
        threads.workers().execute(() -> recurring.run(LOOK_FOR_RESTRICTIONS, this::lookForRestrictions));
    }

    /** Anything may have been committed or let go: a look tells where somebody has to be woken. */
    public void signalAll() {
        channels.all().forEach(Channel::forgetLooks);
        looks.want(channels.all().stream()
                .filter(channel -> !channel.waiters().isEmpty())
                .toList());
    }

    /**
     * Messages of a channel are committed or free.
     *
     * @param dueMillis in how many milliseconds they can be delivered, or somewhat earlier
     */
    public void announce(String channel, long dueMillis, int count) {
        announce(channel, dueMillis, count, Polled.PERHAPS);
    }

    private void announce(String channel, long dueMillis, int count, Polled polled) {
        if (channel.equals(Schedule.CHANNEL)) {
            schedules.added(dueMillis);
            notifier.post(channel, dueMillis, Polled.NO);
            return;
        }
        queueDiscovery.written(channel);
        if (dueMillis > 0) {
            looks.lookIn(channel, (double) dueMillis);
        } else {
            signal(channel, count);
        }
        notifier.post(channel, dueMillis, polled);
    }

    /**
     * A joined transaction has ended: its messages may be there, or those it took may be back.
     *
     * @param touched the channels that it took from or sent to
     * @param given of these, where there may be something for others now
     * @param perhapsBack whether something of the others may be back; otherwise what is known of them stays known
     */
    public void joinedEnded(Collection<String> touched, Collection<String> given, boolean perhapsBack) {
        for (String name : touched) {
            if (name.equals(Schedule.CHANNEL)) {
                schedules.look();
            }
            boolean gives = given.contains(name) || restrictions.isLimited(name);
            Channel channel = channels.known(name);
            if (channel != null && (gives || perhapsBack)) {
                channel.waiters().signalUnknown(threads.workers());
                looks.forgetNext(channel); // it may have sent delayed ones
            }
            if (gives) {
                notifier.post(name, 0, Polled.PERHAPS);
            }
        }
    }
}
