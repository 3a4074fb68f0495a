package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.channel.ChannelWatch;
import io.sqlmq.engine.channel.ChannelWatch.Marked;
import io.sqlmq.engine.channel.QueueDiscovery;
import io.sqlmq.engine.model.Delivery;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The messages of several channels, each in its order; the channels take turns. Channels can be added. Its monitor guards
 * the list of members and is held for a few instructions.
 */
public final class SeveralChannels implements Source {

    /** One of the channels; {@code emptyAt} is the version at which a look found nothing. */
    private static final class Member {
        final ChannelConsumer channel;
        volatile long emptyAt = -1;

        Member(ChannelConsumer channel) {
            this.channel = channel;
        }
    }

    private final AtomicInteger turn = new AtomicInteger();
    private final Set<ChannelWatch> watches = ConcurrentHashMap.newKeySet();
    private final List<QueueDiscovery.Search> searches = new CopyOnWriteArrayList<>();
    private volatile List<Member> members = List.of();
    private volatile boolean closed;

    /** Adds a channel; does nothing but close it once this source is closed. */
    public void add(ChannelConsumer channel) {
        synchronized (this) {
            List<Member> more = new ArrayList<>(members);
            more.add(new Member(channel));
            members = List.copyOf(more);
            if (closed) {
                channel.close();
            }
        }
        watches.forEach(ChannelWatch::fire);
    }

    /** Ends a search with this source. */
    public void endWith(QueueDiscovery.Search search) {
        searches.add(search);
        if (closed) {
            search.close();
        }
    }

    @Override
    public Mark mark() {
        List<Member> marked = members;
        return new ChannelMarks(
                marked,
                marked.stream()
                        .map(m -> new Marked(m.channel, m.channel.mark()))
                        .toList());
    }

    private final class ChannelMarks implements Mark {
        private final List<Member> marked;
        private final List<Marked> marks;

        ChannelMarks(List<Member> marked, List<Marked> marks) {
            this.marked = marked;
            this.marks = marks;
        }

        @Override
        public boolean await(long nanos) throws InterruptedException {
            CountDownLatch signalled = new CountDownLatch(1);
            ChannelWatch watch = watch(signalled::countDown);
            boolean woken = false;
            try {
                woken = signalled.await(nanos, TimeUnit.NANOSECONDS) && !closed;
                return woken;
            } finally {
                watches.remove(watch);
                if (!watch.cancel() && !woken) {
                    marked.forEach(member -> member.channel.passOn());
                }
            }
        }

        @Override
        public void onSignal(Runnable callback) {
            if (!closed) {
                ChannelWatch unused = watch(callback);
            }
        }

        private ChannelWatch watch(Runnable callback) {
            ChannelWatch watch = ChannelWatch.start(marks, callback);
            watches.removeIf(ChannelWatch::isOver);
            watches.add(watch);
            if (closed || members != marked) {
                watch.fire(); // what was added meanwhile is not watched
            }
            return watch;
        }
    }

    @Override
    public boolean knownEmpty(WindowMode mode) {
        return members.stream().allMatch(member -> mode.knownEmpty(member.channel));
    }

    @Override
    public boolean looksWhenWaiting(WindowMode mode) {
        return members.stream().allMatch(member -> mode.looksWhenWaiting(member.channel));
    }

    @Override
    public @Nullable Delivery take(SessionMode mode, boolean afresh) throws SQLException {
        List<Member> all = members;
        if (all.isEmpty()) {
            return null;
        }
        int first = Math.floorMod(turn.getAndIncrement(), all.size());
        for (int i = 0; i < all.size(); i++) {
            Member member = all.get((first + i) % all.size());
            long version = member.channel.mark();
            if (!afresh && member.emptyAt == version) {
                continue;
            }
            Delivery delivery = mode.take(member.channel);
            if (delivery != null) {
                looks(false);
                return delivery;
            }
            member.emptyAt = version;
        }
        return null;
    }

    @Override
    public void looks(boolean now) {
        members.forEach(member -> member.channel.looks(now));
    }

    @Override
    public void passOn() {
        members.forEach(member -> member.channel.passOn());
    }

    @Override
    public void releaseUnseen(WindowMode mode) {
        members.forEach(member -> mode.releaseUnseen(member.channel));
    }

    @Override
    public void checkReachable() throws SQLException {
        for (Member member : members) {
            member.channel.checkReachable();
        }
    }

    @Override
    public boolean isFrom(String name) {
        return members.stream().anyMatch(member -> member.channel.channel().equals(name));
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            members.forEach(member -> member.channel.close());
        }
        searches.forEach(QueueDiscovery.Search::close);
        watches.forEach(ChannelWatch::fire);
    }
}
