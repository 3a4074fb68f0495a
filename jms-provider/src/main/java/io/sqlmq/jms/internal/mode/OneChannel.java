package io.sqlmq.jms.internal.mode;

import io.sqlmq.engine.channel.ChannelConsumer;
import io.sqlmq.engine.model.Delivery;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The messages of one channel. */
public record OneChannel(ChannelConsumer channel) implements Source {

    private record ChannelMark(ChannelConsumer channel, long version) implements Mark {
        @Override
        public boolean await(long nanos) throws InterruptedException {
            return channel.await(version, nanos);
        }

        @Override
        public void onSignal(Runnable callback) {
            channel.onSignal(version, callback);
        }
    }

    @Override
    public Mark mark() {
        return new ChannelMark(channel, channel.mark());
    }

    @Override
    public boolean knownEmpty(WindowMode mode) {
        return mode.knownEmpty(channel);
    }

    @Override
    public boolean looksWhenWaiting(WindowMode mode) {
        return mode.looksWhenWaiting(channel);
    }

    @Override
    public @Nullable Delivery take(SessionMode mode, boolean afresh) throws SQLException {
        return mode.take(channel);
    }

    @Override
    public void looks(boolean now) {
        channel.looks(now);
    }

    @Override
    public void passOn() {
        channel.passOn();
    }

    @Override
    public void releaseUnseen(WindowMode mode) {
        mode.releaseUnseen(channel);
    }

    @Override
    public void checkReachable() throws SQLException {
        channel.checkReachable();
    }

    @Override
    public boolean isFrom(String name) {
        return channel.channel().equals(name);
    }

    @Override
    public void close() {
        channel.close();
    }
}
