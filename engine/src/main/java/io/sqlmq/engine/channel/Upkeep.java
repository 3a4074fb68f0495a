package io.sqlmq.engine.channel;

import org.jspecify.annotations.Nullable;

/** What the rest of the engine tells its upkeep, which stands above it. Nothing here waits for the database. */
public interface Upkeep {

    /** This process has a number in the database, or a transaction with messages: from now on the upkeep runs. */
    void start();

    /** As {@link #start}; and others are to see whether this process lives. */
    void alive();

    /** Leases begin: others have to see that this process lives. */
    void leasing();

    /** A consumer begins to wait. */
    void waiting(Channel channel);

    /** A channel has moved on enough for its floors to be raised, or was slow. */
    void moved();

    /** A prepared transaction was ended by this process: what floors have passed may be there again. */
    void branchEnded();

    /** Leases are to be renewed now. */
    void renewLeases();

    /** Notifications are heard from now on, or no longer. */
    void listening(boolean now);

    /** Stands for an upkeep that is made later than those who call it. */
    final class Later implements Upkeep {

        private volatile @Nullable Upkeep upkeep;

        /** Here it is. Nothing may be called before. */
        public void is(Upkeep made) {
            upkeep = made;
        }

        private Upkeep upkeep() {
            Upkeep made = upkeep;
            if (made == null) {
                throw new IllegalStateException("The engine is not complete yet");
            }
            return made;
        }

        @Override
        public void start() {
            upkeep().start();
        }

        @Override
        public void alive() {
            upkeep().alive();
        }

        @Override
        public void leasing() {
            upkeep().leasing();
        }

        @Override
        public void waiting(Channel channel) {
            upkeep().waiting(channel);
        }

        @Override
        public void moved() {
            upkeep().moved();
        }

        @Override
        public void branchEnded() {
            upkeep().branchEnded();
        }

        @Override
        public void renewLeases() {
            upkeep().renewLeases();
        }

        @Override
        public void listening(boolean now) {
            upkeep().listening(now);
        }
    }
}
