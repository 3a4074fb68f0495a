package io.sqlmq.benchmarks.peers;

import jakarta.jms.ConnectionFactory;
import java.io.Serializable;

/** One side of a round in a client process: the producers, say. Everything that is opened once is open. */
interface Part extends AutoCloseable {

    /** What is to be opened. */
    interface Plan extends Serializable {

        /**
         * Opens connections, sessions, consumers.
         *
         * @param provider whose factory it is
         * @param run of the round
         */
        Part open(Provider provider, ConnectionFactory factory, long run) throws Exception;
    }

    /** Begins; returns at once. */
    void go() throws Exception;

    /**
     * Waits until it is done, or nothing has come for long.
     *
     * @param expected how many messages consumers are to receive; others know themselves when they are done
     */
    void await(long expected) throws Exception;

    /** What it did. Nothing is sent or received any more. */
    Outcome outcome() throws Exception;

    /** What a process is told about its parts. */
    final class Tasks {

        private static final String FACTORY = "factory";

        private Tasks() {}

        /** Opens the factory for all parts. */
        record Connect(Provider provider, String url) implements Task<String> {
            @Override
            public String run(Desk desk) throws Exception {
                desk.put(FACTORY, new Factory(provider, provider.factory(url)));
                return "";
            }
        }

        /** Opens a part under a name. */
        record Open(String part, Plan plan, long run) implements Task<String> {
            @Override
            public String run(Desk desk) throws Exception {
                Factory factory = desk.get(FACTORY, Factory.class);
                desk.put(part, plan.open(factory.provider(), factory.factory(), run));
                return "";
            }
        }

        /** Lets it go. */
        record Go(String part) implements Task<String> {
            @Override
            public String run(Desk desk) throws Exception {
                desk.get(part, Part.class).go();
                return "";
            }
        }

        /** Waits for its end. */
        record Await(String part, long expected) implements Task<String> {
            @Override
            public String run(Desk desk) throws Exception {
                desk.get(part, Part.class).await(expected);
                return "";
            }
        }

        /** Asks what it did. */
        record Tell(String part) implements Task<Outcome> {
            @Override
            public Outcome run(Desk desk) throws Exception {
                return desk.get(part, Part.class).outcome();
            }
        }

        /** Closes it. */
        record Close(String part) implements Task<String> {
            @Override
            public String run(Desk desk) throws Exception {
                desk.close(part);
                return "";
            }
        }
    }

    /** A factory with its maker. */
    record Factory(Provider provider, ConnectionFactory factory) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            if (factory instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }
}
